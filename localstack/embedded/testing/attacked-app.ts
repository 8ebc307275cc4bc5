import { CfnOutput, RemovalPolicy, SecretValue } from 'aws-cdk-lib'
import type { Stack } from 'aws-cdk-lib'
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway'
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Stream } from 'aws-cdk-lib/aws-kinesis'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { inlineFunction } from './synthesize.ts'

/** What an answer to an attack holds if the attack succeeds. */
export const SECRET = 'hush-hush'

/** One of each service that a page would like to use; whatever reaches the function is printed. */
export function attackedApp(stack: Stack): void {
  const victim = inlineFunction(stack, 'Victim', {
    source: `export const handler = async (event) => {
      console.log('reached ' + JSON.stringify(event))
      return { statusCode: 200, body: 'answered' }
    }`,
  })
  new Stream(stack, 'Ticks', { streamName: 'ticks', shardCount: 1 })
  new TableV2(stack, 'State', {
    tableName: 'state',
    partitionKey: { name: 'symbol', type: AttributeType.STRING },
    removalPolicy: RemovalPolicy.DESTROY,
  })
  new Bucket(stack, 'Letters', { bucketName: 'letters' })
  new Secret(stack, 'Owner', {
    secretName: 'owner',
    secretStringValue: SecretValue.unsafePlainText(SECRET),
  })
  const rest = new RestApi(stack, 'Rest', { cloudWatchRole: false, deployOptions: { stageName: 'prod' } })
  rest.root.addResource('bars').addMethod('ANY', new LambdaIntegration(victim))
  const integration = new WebSocketLambdaIntegration('Victim', victim)
  const live = new WebSocketApi(stack, 'Live', { connectRouteOptions: { integration } })
  const stage = new WebSocketStage(stack, 'Stage', {
    webSocketApi: live,
    stageName: 'prod',
    autoDeploy: true,
  })
  new CfnOutput(stack, 'RestUrl', { value: rest.url })
  new CfnOutput(stack, 'LiveUrl', { value: stage.url })
  new CfnOutput(stack, 'CallbackUrl', { value: stage.callbackUrl })
}

/** A request that a page may try. */
export type Attack = {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A request of a JSON protocol of AWS. */
function call(name: string, target: string, input: unknown): Attack {
  return {
    name,
    method: 'POST',
    path: '/',
    headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify(input),
  }
}

const text = { 'content-type': 'text/plain' }
const doomed = '<Delete><Object><Key>letter</Key></Object></Delete>'

/** What succeeded before a page's requests were refused, and its kind. */
export function attacksOn(outputs: Readonly<Record<string, string>>): readonly Attack[] {
  const invocations = '/2015-03-31/functions/victim/invocations'
  const pathOf = (url = '') => new URL(url).pathname
  return [
    { name: 'invoke a function', method: 'POST', path: invocations, headers: text, body: '{"forged":1}' },
    { name: 'invoke a function by an image', method: 'GET', path: invocations },
    { name: 'delete objects', method: 'POST', path: '/letters?delete', headers: text, body: doomed },
    { name: 'read an object', method: 'GET', path: '/letters/letter' },
    { name: 'replace an object', method: 'PUT', path: '/letters/letter', headers: text, body: 'forged' },
    call('read a secret', 'secretsmanager.GetSecretValue', { SecretId: 'owner' }),
    call('read a table', 'DynamoDB_20120810.Scan', { TableName: 'state' }),
    call('put a record', 'Kinesis_20131202.PutRecord', {
      StreamName: 'ticks',
      PartitionKey: 'A',
      Data: 'QQ==',
    }),
    call('put a parameter', 'AmazonSSM.PutParameter', { Name: '/forged', Value: 'x', Type: 'String' }),
    call('read logs', 'Logs_20140328.FilterLogEvents', { logGroupName: '/aws/lambda/victim' }),
    {
      name: 'post to a client',
      method: 'POST',
      path: `${pathOf(outputs['CallbackUrl'])}/@connections/abc=`,
      headers: text,
      body: 'forged',
    },
    {
      name: 'use an API',
      method: 'POST',
      path: `${pathOf(outputs['RestUrl'])}bars`,
      headers: text,
      body: '{}',
    },
    {
      name: 'answer for a custom resource',
      method: 'PUT',
      path: '/_custom-resource/any',
      headers: text,
      body: '{"Status":"SUCCESS"}',
    },
    { name: 'read the state of the runtime', method: 'GET', path: '/_health' },
    {
      name: 'ask for permission',
      method: 'OPTIONS',
      path: '/',
      headers: { 'access-control-request-method': 'POST' },
    },
  ]
}
