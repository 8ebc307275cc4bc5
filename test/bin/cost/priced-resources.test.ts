import { readFileSync } from 'node:fs'

import { Template } from 'aws-cdk-lib/assertions'
import { expect, it } from 'vitest'
import * as z from 'zod'

import { PRICES } from '../../../functions/shared/cost/prices.ts'
import { BACKUP_REGION, BRIDGE_ON, REGULATED } from '../../support/stage-settings.ts'
import { backupStackOf, bridgeTemplateOf, templateOf } from '../../support/template.ts'

/** Types of resources that AWS charges for, by the entry of the table of prices that has them. */
const PRICED: Readonly<Record<string, keyof typeof PRICES>> = {
  'AWS::ApiGateway::RestApi': 'apiGateway',
  'AWS::ApiGatewayV2::Api': 'apiGateway',
  'AWS::Backup::BackupPlan': 'backup',
  'AWS::CloudWatch::Alarm': 'cloudwatch',
  'AWS::CloudWatch::CompositeAlarm': 'cloudwatch',
  'AWS::CloudWatch::Dashboard': 'cloudwatch',
  'AWS::DynamoDB::GlobalTable': 'dynamodb',
  'AWS::EC2::VPCEndpoint': 'vpc',
  'AWS::ECS::Service': 'fargate',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'loadBalancer',
  'AWS::KMS::Key': 'kms',
  'AWS::Kinesis::Stream': 'kinesis',
  'AWS::Kinesis::StreamConsumer': 'kinesis',
  'AWS::Lambda::Function': 'lambda',
  'AWS::Logs::LogGroup': 'cloudwatch',
  'AWS::RDS::DBInstance': 'rds',
  'AWS::RDS::DBProxy': 'rds',
  'AWS::S3::Bucket': 's3',
  'AWS::SecretsManager::Secret': 'secretsManager',
  'AWS::WAFv2::WebACL': 'waf',
}

/** Types that the command does not bill, by the word under which docs/cost.md says what they cost. */
const APART: Readonly<Record<string, string>> = {
  'AWS::CloudFront::Distribution': 'CloudFront',
  'AWS::Cognito::UserPool': 'Cognito',
  'AWS::EC2::FlowLog': 'flow logs',
}

/** Types that cost nothing by themselves. */
const FREE = [
  /^AWS::ApiGateway::(Account|ApiKey|Authorizer|BasePathMapping|Deployment|DomainName|GatewayResponse)$/,
  /^AWS::ApiGateway::(Method|Resource|Stage|UsagePlan|UsagePlanKey)$/,
  /^AWS::ApiGatewayV2::(ApiMapping|Authorizer|DomainName|Integration|Route|Stage)$/,
  /^AWS::Backup::(BackupSelection|BackupVault)$/,
  /^AWS::CloudFormation::Stack$/,
  /^AWS::CloudFront::(Function|OriginAccessControl|ResponseHeadersPolicy)$/,
  /^AWS::CodeDeploy::(Application|DeploymentConfig|DeploymentGroup)$/,
  /^AWS::Cognito::UserPool(Client|Domain|Group)$/,
  /^AWS::EC2::(InternetGateway|Route|RouteTable|SecurityGroup|SecurityGroupEgress|SecurityGroupIngress)$/,
  /^AWS::EC2::(Subnet|SubnetRouteTableAssociation|VPC|VPCGatewayAttachment)$/,
  /^AWS::ECS::(Cluster|TaskDefinition)$/,
  /^AWS::ElasticLoadBalancingV2::(Listener|TargetGroup)$/,
  /^AWS::(Events::Rule|IAM::Policy|IAM::Role|KMS::Alias|S3::BucketPolicy|SSM::Parameter)$/,
  /^AWS::Lambda::(Alias|EventInvokeConfig|EventSourceMapping|LayerVersion|Permission|Version)$/,
  /^AWS::RDS::(DBParameterGroup|DBProxyTargetGroup|DBSubnetGroup)$/,
  /^AWS::SecretsManager::(RotationSchedule|SecretTargetAttachment)$/,
  /^AWS::WAFv2::WebACLAssociation$/,
  /^Custom::(CDKBucketDeployment|Migrated|VpcRestrictDefaultSG)$/,
]

const resourcesSchema = z.object({ Resources: z.record(z.string(), z.object({ Type: z.string() })) })

it('each type of resource of a deployment has a price, is billed apart or is free', () => {
  const all = {
    ...REGULATED,
    apiCertificateArn: REGULATED.apiCertificateArn.replace('eu-central-1', 'us-east-1'),
    ...BACKUP_REGION,
    latency: 'lowest',
    databaseProxy: 'on',
    bridgeDomain: BRIDGE_ON.bridgeDomain,
    venues: 'kraken=BTC/USD',
    syntheticFeed: 'on',
    access: 'people',
    dashboardDomain: 'dashboard.example.com',
    dashboardCertificateArn:
      'arn:aws:acm:us-east-1:111122223333:certificate/5e6f7a8b-0000-4000-8000-000000000000',
    dashboardWebAclArn:
      'arn:aws:wafv2:us-east-1:111122223333:global/webacl/dashboard/5e6f7a8b-0000-4000-8000-000000000000',
  }
  const context = { stage: 'prod', region: 'us-east-1', ...all }
  const templates = [
    templateOf(context),
    bridgeTemplateOf(context),
    Template.fromStack(backupStackOf(context)),
  ]
  const types = new Set(
    templates.flatMap((each) =>
      Object.values(resourcesSchema.parse(each.toJSON()).Resources).map(({ Type }) => Type),
    ),
  )
  const isKnown = (type: string) =>
    type in PRICED || type in APART || FREE.some((pattern) => pattern.test(type))
  expect([...types].filter((type) => !isKnown(type)).toSorted()).toEqual([])
  expect(Object.keys(PRICED).filter((type) => !types.has(type))).toEqual([])
})

it('docs/cost.md says what the command does not bill', () => {
  const page = readFileSync(new URL('../../../docs/cost.md', import.meta.url), 'utf8')
  for (const word of Object.values(APART)) expect(page).toContain(word)
})

it('the table of prices says when it was written down', () => {
  expect(PRICES.asOf).toMatch(/^[A-Z][a-z]+ \d{4}$/)
})
