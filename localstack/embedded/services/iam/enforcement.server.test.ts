import { join } from 'node:path'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib'
import type { Stack } from 'aws-cdk-lib'
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway'
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { CfnPermission, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import {
  Effect,
  ManagedPolicy,
  PolicyStatement,
  Role,
  ServicePrincipal,
  StarPrincipal,
} from 'aws-cdk-lib/aws-iam'
import { Stream } from 'aws-cdk-lib/aws-kinesis'
import { KinesisEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { StringParameter } from 'aws-cdk-lib/aws-ssm'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { startRuntime } from '../../index.ts'
import type { Runtime } from '../../index.ts'
import { simulatedIam } from '../../simulated-iam/index.ts'
import { temporaryFolder } from '../../testing/helpers.ts'
import { inlineFunction, synthesize } from '../../testing/synthesize.ts'

/** Makes the call that the event names, and answers with what came of it. */
const CALL = `
  export const handler = async ({ client, command, input }) => {
    const sdk = await import('@aws-sdk/client-' + client)
    const name = Object.keys(sdk).find((each) => each.toLowerCase() === client.replaceAll('-', '') + 'client')
    if (command === 'PutRecordCommand') input.Data = Buffer.from(input.Data)
    try {
      await new sdk[name]({ forcePathStyle: true }).send(new sdk[command](input))
      return { result: 'done' }
    } catch (error) {
      return { result: error.name, message: error.message, status: error.$metadata?.httpStatusCode }
    }
  }`

const answerSchema = z.object({
  result: z.string(),
  message: z.string().default(''),
  status: z.number().optional(),
})
type Call = { readonly client: string; readonly command: string; readonly input: object }

async function call(runtime: Runtime, functionName: string, event: Call) {
  const result = await runtime.invoke(functionName, event)
  if (result.type === 'error') throw new Error(result.error.errorMessage)
  return answerSchema.parse(result.payload)
}

async function enforcing(build: (stack: Stack) => void): Promise<Runtime> {
  const runtime = await startRuntime({
    assembly: synthesize(build),
    data: join(temporaryFolder(), 'data'),
    iam: { authorize: simulatedIam },
  })
  onTestFinished(() => runtime.stop())
  return runtime
}

const ACCOUNT = '000000000000'

function arn(service: string, resource: string): string {
  return `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`
}

/** Calls, each with the action and the resource that it needs, and what AWS's SDK throws where it is denied. */
const calls: readonly (Call & { action: string; on: string; status: number; error: string })[] = [
  {
    client: 'kinesis',
    command: 'PutRecordCommand',
    action: 'kinesis:PutRecord',
    on: arn('kinesis', 'stream/line'),
    input: { StreamName: 'line', PartitionKey: 'a', Data: 'text' },
    status: 400,
    error: 'AccessDeniedException',
  },
  {
    client: 'dynamodb',
    command: 'GetItemCommand',
    action: 'dynamodb:GetItem',
    on: arn('dynamodb', 'table/words'),
    input: { TableName: 'words', Key: { word: { S: 'a' } } },
    status: 400,
    error: 'AccessDeniedException',
  },
  {
    client: 'dynamodb',
    command: 'BatchGetItemCommand',
    action: 'dynamodb:BatchGetItem',
    on: arn('dynamodb', 'table/words'),
    input: { RequestItems: { words: { Keys: [{ word: { S: 'a' } }] } } },
    status: 400,
    error: 'AccessDeniedException',
  },
  {
    client: 'dynamodb',
    command: 'ExecuteStatementCommand',
    action: 'dynamodb:PartiQLSelect',
    on: arn('dynamodb', 'table/words'),
    input: { Statement: "SELECT * FROM words WHERE word = 'a'" },
    status: 400,
    error: 'AccessDeniedException',
  },
  {
    client: 'dynamodb',
    command: 'BatchExecuteStatementCommand',
    action: 'dynamodb:PartiQLInsert',
    on: arn('dynamodb', 'table/words'),
    input: { Statements: [{ Statement: "INSERT INTO words VALUE {'word': 'b'}" }] },
    status: 400,
    error: 'AccessDeniedException',
  },
  {
    client: 'dynamodb',
    command: 'TransactWriteItemsCommand',
    action: 'dynamodb:ConditionCheckItem',
    on: arn('dynamodb', 'table/words'),
    input: {
      TransactItems: [
        {
          ConditionCheck: {
            TableName: 'words',
            Key: { word: { S: 'z' } },
            ConditionExpression: 'attribute_not_exists(word)',
          },
        },
      ],
    },
    status: 400,
    error: 'AccessDeniedException',
  },
  {
    client: 's3',
    command: 'PutObjectCommand',
    action: 's3:PutObject',
    on: 'arn:aws:s3:::shelf/in/a b',
    input: { Bucket: 'shelf', Key: 'in/a b', Body: 'text' },
    status: 403,
    error: 'AccessDenied',
  },
  {
    client: 's3',
    command: 'ListObjectsV2Command',
    action: 's3:ListBucket',
    on: 'arn:aws:s3:::shelf',
    input: { Bucket: 'shelf', Prefix: 'in/' },
    status: 403,
    error: 'AccessDenied',
  },
  {
    client: 'secrets-manager',
    command: 'GetSecretValueCommand',
    action: 'secretsmanager:GetSecretValue',
    on: arn('secretsmanager', 'secret:hidden-??????'),
    input: { SecretId: 'hidden' },
    status: 400,
    error: 'AccessDeniedException',
  },
  {
    client: 'ssm',
    command: 'GetParametersCommand',
    action: 'ssm:GetParameters',
    on: arn('ssm', 'parameter/flags/one'),
    input: { Names: ['/flags/one'] },
    status: 400,
    error: 'AccessDeniedException',
  },
  {
    client: 'lambda',
    command: 'InvokeCommand',
    action: 'lambda:InvokeFunction',
    on: arn('lambda', 'function:nobody'),
    input: { FunctionName: 'nobody' },
    status: 403,
    error: 'AccessDeniedException',
  },
]

/** What the calls are made on, `may` that may make each, and `nobody` that may make none. */
function services(stack: Stack): void {
  const removalPolicy = RemovalPolicy.DESTROY
  new Stream(stack, 'Line', { streamName: 'line', shardCount: 1 })
  new TableV2(stack, 'Words', {
    tableName: 'words',
    partitionKey: { name: 'word', type: AttributeType.STRING },
    removalPolicy,
  })
  new Bucket(stack, 'Shelf', { bucketName: 'shelf', enforceSSL: true })
  new Secret(stack, 'Hidden', { secretName: 'hidden' })
  new StringParameter(stack, 'Flag', { parameterName: '/flags/one', stringValue: 'on' })
  const may = inlineFunction(stack, 'May', { source: CALL })
  for (const { action, on } of calls)
    may.addToRolePolicy(new PolicyStatement({ actions: [action], resources: [on] }))
  inlineFunction(stack, 'Nobody', { source: CALL })
}

describe('a call of a function', () => {
  let runtime: Runtime
  const assembly = synthesize(services, afterAll)
  const data = join(temporaryFolder({}, afterAll), 'data')
  beforeAll(async () => {
    runtime = await startRuntime({ assembly, data, iam: { authorize: simulatedIam } })
  })
  afterAll(() => runtime.stop())

  test.each(calls)('$command is allowed by a statement for $action', async ({ client, command, input }) => {
    expect(await call(runtime, 'may', { client, command, input })).toMatchObject({ result: 'done' })
  })

  test.each(calls)('$command is denied without one, as AWS denies it', async (denied) => {
    const { client, command, input, action, error, status } = denied
    const answer = await call(runtime, 'nobody', { client, command, input })
    expect(answer).toMatchObject({ result: error, status })
    expect(answer.message).toMatch(
      new RegExp(
        `^User: arn:aws:sts::${ACCOUNT}:assumed-role/\\S+/nobody is not authorized to perform: ${action} on resource: \\S.* because no identity-based policy allows the ${action} action$`,
      ),
    )
  })

  test('of an operation on several tables is denied when one of them is not allowed', async () => {
    const keys = { Keys: [{ word: { S: 'a' } }] }
    const input = { RequestItems: { words: keys, others: keys } }
    const answer = await call(runtime, 'may', { client: 'dynamodb', command: 'BatchGetItemCommand', input })
    expect(answer.message).toContain(`on resource: ${arn('dynamodb', 'table/others')}`)
  })

  test('by the owner of the account needs no permission', async () => {
    const { endpoint } = runtime
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true })
    await s3.send(new PutObjectCommand({ Bucket: 'shelf', Key: 'out', Body: 'text' }))
    const lambda = new LambdaClient({ endpoint, region: 'us-east-1', credentials })
    expect(
      await lambda.send(new InvokeCommand({ FunctionName: 'nobody', Payload: '{"client":"s3"}' })),
    ).toMatchObject({ StatusCode: 200 })
  })
})

describe('policies', () => {
  const put = { client: 's3', command: 'PutObjectCommand', input: { Bucket: 'shelf', Key: 'a', Body: 'x' } }
  const get = { client: 's3', command: 'GetObjectCommand', input: { Bucket: 'shelf', Key: 'a' } }

  test('a Deny wins over an Allow', async () => {
    const runtime = await enforcing((stack) => {
      const bucket = new Bucket(stack, 'Shelf', { bucketName: 'shelf' })
      const writer = inlineFunction(stack, 'Writer', { source: CALL })
      bucket.grantPut(writer)
      writer.addToRolePolicy(
        new PolicyStatement({
          effect: Effect.DENY,
          actions: ['s3:PutObject'],
          resources: [bucket.arnForObjects('a')],
        }),
      )
    })
    expect((await call(runtime, 'writer', put)).message).toMatch(
      /with an explicit deny in an identity-based policy$/,
    )
  })

  test('a permissions boundary bounds what policies allow, and allows nothing by itself', async () => {
    const runtime = await enforcing((stack) => {
      const bucket = new Bucket(stack, 'Shelf', { bucketName: 'shelf' })
      const boundary = new ManagedPolicy(stack, 'Boundary', {
        statements: [new PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] })],
      })
      const role = new Role(stack, 'Role', {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        permissionsBoundary: boundary,
      })
      bucket.grantPut(inlineFunction(stack, 'Writer', { source: CALL, role }))
    })
    expect((await call(runtime, 'writer', put)).message).toMatch(
      /because no permissions boundary allows the s3:PutObject action$/,
    )
    expect((await call(runtime, 'writer', get)).message).toMatch(
      /because no identity-based policy allows the s3:GetObject action$/,
    )
  })

  test('of a bucket allow and deny too', async () => {
    const runtime = await enforcing((stack) => {
      const bucket = new Bucket(stack, 'Shelf', { bucketName: 'shelf' })
      const writer = inlineFunction(stack, 'Writer', { source: CALL })
      const reader = inlineFunction(stack, 'Reader', { source: CALL })
      bucket.grantPut(writer)
      bucket.addToResourcePolicy(
        new PolicyStatement({
          effect: Effect.DENY,
          principals: [new StarPrincipal()],
          actions: ['s3:PutObject'],
          resources: [bucket.arnForObjects('secret/*')],
        }),
      )
      bucket.addToResourcePolicy(
        new PolicyStatement({
          principals: [reader.grantPrincipal],
          actions: ['s3:GetObject'],
          resources: [bucket.arnForObjects('*')],
        }),
      )
    })
    expect(await call(runtime, 'writer', put)).toMatchObject({ result: 'done' })
    expect(await call(runtime, 'reader', get)).toMatchObject({ result: 'done' })
    const secret = { ...put, input: { ...put.input, Key: 'secret/a' } }
    expect((await call(runtime, 'writer', secret)).message).toMatch(
      /with an explicit deny in a resource-based policy$/,
    )
  })

  test('that are not known are an error that names them', async () => {
    const starting = enforcing((stack) => {
      inlineFunction(stack, 'Writer', { source: CALL }).role?.addManagedPolicy(
        ManagedPolicy.fromAwsManagedPolicyName('AmazonS3FullAccess'),
      )
    })
    await expect(starting).rejects.toThrow('arn:aws:iam::aws:policy/AmazonS3FullAccess is not known')
  })

  test('of a role from elsewhere cannot be enforced', async () => {
    const elsewhere = `arn:aws:iam::${ACCOUNT}:role/elsewhere`
    const starting = enforcing((stack) => {
      inlineFunction(stack, 'Writer', { source: CALL, role: Role.fromRoleArn(stack, 'Role', elsewhere) })
    })
    await expect(starting).rejects.toThrow(`Role ${elsewhere} is not a role of this stack`)
  })
})

describe('services of AWS', () => {
  test('read no stream for a role that may not', async () => {
    const starting = enforcing((stack) => {
      const stream = new Stream(stack, 'Line', { streamName: 'line' })
      const reader = inlineFunction(stack, 'Reader', { source: CALL })
      reader.addEventSourceMapping('Lines', {
        eventSourceArn: stream.streamArn,
        startingPosition: StartingPosition.LATEST,
      })
    })
    await expect(starting).rejects.toThrow(
      /Cannot access stream \S+:stream\/line\..*not authorized to perform: kinesis:DescribeStream/,
    )
  })

  test('read a stream for a role that may', async () => {
    const runtime = await enforcing((stack) => {
      const stream = new Stream(stack, 'Line', { streamName: 'line' })
      const startingPosition = StartingPosition.TRIM_HORIZON
      inlineFunction(stack, 'Reader', { source: CALL }).addEventSource(
        new KinesisEventSource(stream, { startingPosition }),
      )
    })
    expect(runtime.lag()).toMatchObject([{ functionName: 'reader' }])
  })

  test('invoke a function for an API only where its permissions say so', async () => {
    const runtime = await enforcing((stack) => {
      const api = new RestApi(stack, 'Api', { deployOptions: { stageName: 'live' }, cloudWatchRole: false })
      const source = `export const handler = async () => ({ statusCode: 200, body: 'hello' })`
      api.root
        .addResource('open')
        .addMethod('GET', new LambdaIntegration(inlineFunction(stack, 'Open', { source })))
      const closed = new LambdaIntegration(inlineFunction(stack, 'Closed', { source }))
      const method = api.root.addResource('closed').addMethod('GET', closed)
      for (const child of method.node.children)
        if (child instanceof CfnPermission) method.node.tryRemoveChild(child.node.id)
      new CfnOutput(stack, 'ApiId', { value: api.restApiId })
    })
    const url = runtime.apiUrl(runtime.outputs['ApiId'] ?? '', 'live')
    expect(await (await fetch(`${url}/open`)).text()).toBe('hello')
    expect(await fetch(`${url}/closed`)).toMatchObject({ status: 500 })
  })
})
