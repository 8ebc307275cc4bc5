import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { AssetHashType, DockerImage, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib'
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { type Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3'
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment'
import type { Construct } from 'constructs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const WEB = join(ROOT, 'web')

export type PageFiles = {
  readonly bucket: Bucket
  readonly distribution: Distribution
  /** Becomes `config.json` beside the page. */
  readonly config: Readonly<Record<string, string>>
}

/** Builds the page and puts it into its bucket at each deployment that changes it, by a function of the CDK. */
export function publishPage(scope: Construct, { bucket, distribution, config }: PageFiles): void {
  const deployment = new BucketDeployment(scope, 'Publish', {
    destinationBucket: bucket,
    sources: [builtPage(), Source.jsonData('config.json', config)],
    // Small, and its names change with its content: the browser asks whether it has the newest.
    cacheControl: [CacheControl.noCache()],
    distribution,
    distributionPaths: ['/*'],
    logGroup: new LogGroup(scope, 'PublishLogs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    }),
  })
  acknowledgeFindings(deployment, bucket)
}

/** The function is one of the CDK, for all of a stack; so are its permissions. */
function acknowledgeFindings(deployment: BucketDeployment, bucket: Bucket): void {
  const stack = Stack.of(deployment)
  const region = Token.isUnresolved(stack.region) ? '<AWS::Region>' : stack.region
  const { defaultChild } = bucket.node
  const files = defaultChild instanceof CfnBucket ? stack.getLogicalId(defaultChild) : ''
  const reason =
    'A function of the CDK, which copies the files of the page at a deployment and knows no data.'
  const ids = [
    'AwsSolutions-L1',
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    ...['GetBucket*', 'GetObject*', 'List*', 'Abort*', 'DeleteObject*'].map(
      (action) => `AwsSolutions-IAM5[Action::s3:${action}]`,
    ),
    ...[
      `arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-${region}/*`,
      `<${files}.Arn>/*`,
      '*',
    ].map((resource) => `AwsSolutions-IAM5[Resource::${resource}]`),
  ]
  const functions = stack.node.children.filter(({ node }) =>
    node.id.startsWith('Custom::CDKBucketDeployment'),
  )
  for (const each of functions) Validations.of(each).acknowledge(...ids.map((id) => ({ id, reason })))
}

function builtPage() {
  return Source.asset(WEB, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('unused'),
      local: {
        tryBundle: (output) => {
          const { status } = spawnSync(process.execPath, [join(ROOT, 'bin/dashboard/build.ts')], {
            stdio: ['ignore', 'ignore', 'inherit'],
          })
          if (status !== 0)
            throw new Error('the page could not be built; the messages of npm run build:web are above')
          cpSync(join(WEB, 'dist'), output, { recursive: true })
          return true
        },
      },
    },
  })
}
