import {
  APIGatewayClient,
  GetApiKeysCommand,
  GetRestApisCommand,
  GetUsagePlansCommand,
} from '@aws-sdk/client-api-gateway'
import { CloudFormationClient, ListStacksCommand, type StackSummary } from '@aws-sdk/client-cloudformation'
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type LogGroup,
} from '@aws-sdk/client-cloudwatch-logs'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge'
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import { ListStreamsCommand } from '@aws-sdk/client-kinesis'
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm'

import * as z from 'zod'

import { createKinesisClient } from '../../feed/kinesis-client.ts'
import type { Endpoint } from './endpoint.ts'

const OURS = /tickstock[-/]local/i

/** Something that exists at an endpoint. */
export type Item = { readonly kind: string; readonly name: string }

/**
 * Everything of stage `local` that is at the endpoint.
 *
 * @param isCounted which log groups count
 */
export async function inventory(
  endpoint: Endpoint,
  isCounted: (group: LogGroup) => boolean = () => true,
): Promise<Item[]> {
  const { clientOptions, environment } = endpoint
  const cloudFormation = new CloudFormationClient(clientOptions)
  const dynamoDb = new DynamoDBClient(clientOptions)
  const events = new EventBridgeClient(clientOptions)
  const apiGateway = new APIGatewayClient(clientOptions)
  const iam = new IAMClient(clientOptions)
  const kinesis = createKinesisClient(environment)
  const lambda = new LambdaClient(clientOptions)
  const logs = new CloudWatchLogsClient(clientOptions)
  const s3 = new S3Client({ ...clientOptions, forcePathStyle: true })
  const secrets = new SecretsManagerClient(clientOptions)
  const systemsManager = new SSMClient(clientOptions)

  const { StackSummaries: stacks = [] } = await cloudFormation.send(new ListStacksCommand())
  const { StreamNames: streams = [] } = await kinesis.send(new ListStreamsCommand())
  const { TableNames: tables = [] } = await dynamoDb.send(new ListTablesCommand())
  const { Buckets: buckets = [] } = await s3.send(new ListBucketsCommand())
  const { Functions: functions = [] } = await lambda.send(new ListFunctionsCommand())
  const { EventSourceMappings: mappings = [] } = await lambda.send(new ListEventSourceMappingsCommand())
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand())
  const { SecretList: secretList = [] } = await secrets.send(new ListSecretsCommand())
  const { Rules: rules = [] } = await events.send(new ListRulesCommand())
  const { Roles: roles = [] } = await iam.send(new ListRolesCommand())
  const { items: apis = [] } = await apiGateway.send(new GetRestApisCommand())
  const { items: apiKeys = [] } = await apiGateway.send(new GetApiKeysCommand())
  const { items: usagePlans = [] } = await apiGateway.send(new GetUsagePlansCommand())
  const webSocketApis = await webSocketApisAt(endpoint)
  const { Parameters: parameters = [] } = await systemsManager.send(new DescribeParametersCommand())

  return [
    ...items('stack', stacks.filter(isThere), ({ StackName }) => StackName),
    ...items('stream', streams, (name) => name),
    ...items('table', tables, (name) => name),
    ...items('bucket', buckets, ({ Name }) => Name),
    ...items('function', functions, ({ FunctionName }) => FunctionName),
    ...items('mapping', mappings, ({ FunctionArn }) => FunctionArn),
    ...items('log group', logGroups.filter(isCounted), ({ logGroupName }) => logGroupName),
    ...items('secret', secretList, ({ Name }) => Name),
    ...items('rule', rules, ({ Name }) => Name),
    ...items('role', roles, ({ RoleName }) => RoleName),
    ...items('API', apis, ({ name }) => name),
    ...items('API key', apiKeys, ({ name }) => name),
    ...items('usage plan', usagePlans, ({ name }) => name),
    ...items('WebSocket API', webSocketApis, (name) => name),
    ...items('parameter', parameters, ({ Name }) => Name),
  ]
}

const apisSchema = z.object({ items: z.array(z.object({ name: z.string() })) })

/** The names of WebSocket APIs; there is no other use for a client of API Gateway v2. */
async function webSocketApisAt({ url, lacks }: Endpoint): Promise<string[]> {
  if (lacks['WebSocket APIs'] !== undefined) return []
  const answer = await fetch(new URL('/v2/apis', url))
  return apisSchema.parse(await answer.json()).items.map(({ name }) => name)
}

/**
 * What the stack has left behind. A log group without a retention was made by the emulator for a function that was still running
 * when its group was removed, which on AWS its role does not let it do.
 */
export async function leftBehind(endpoint: Endpoint): Promise<Item[]> {
  return await inventory(endpoint, ({ retentionInDays = 0 }) => retentionInDays > 0)
}

const isThere = ({ StackStatus }: StackSummary): boolean => StackStatus !== 'DELETE_COMPLETE'

function items<Given>(
  kind: string,
  given: readonly Given[],
  nameOf: (each: Given) => string | undefined,
): Item[] {
  return given.map((each) => ({ kind, name: nameOf(each) ?? '' })).filter(({ name }) => OURS.test(name))
}
