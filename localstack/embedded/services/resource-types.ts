import { ResourceError } from '../errors.ts'
import {
  apiDeployment,
  apiGatewayResponse,
  apiKey,
  apiMethod,
  apiResource,
  apiStage,
  restApi,
  usagePlan,
  usagePlanKey,
} from './api-gateway/resources.ts'
import {
  webSocketApi,
  webSocketDeployment,
  webSocketIntegration,
  webSocketRoute,
  webSocketRouteResponse,
  webSocketStage,
} from './api-gateway-v2/resources.ts'
import { customResource } from './cloudformation/custom-resource.ts'
import { dynamodbGlobalTable, dynamodbTable } from './dynamodb/table.ts'
import { eventSourceMapping } from './event-source-mapping/resource.ts'
import { eventsRule } from './events/rule.ts'
import { kinesisStream } from './kinesis/stream.ts'
import { lambdaAlias, lambdaEventInvokeConfig, lambdaVersion } from './lambda/configuration.ts'
import { lambdaFunction } from './lambda/function.ts'
import type { ResourceType } from '../template/resource-type.ts'
import { s3Bucket } from './s3/bucket.ts'
import { secret } from './secrets-manager/secret.ts'
import { ssmParameter } from './ssm/parameter.ts'
import {
  alarm,
  bucketPolicy,
  cdkMetadata,
  compositeAlarm,
  dashboard,
  iamPolicy,
  iamRole,
  lambdaPermission,
  logGroup,
} from '../template/without-effect.ts'

/** Everything that a template may hold; `Custom::*` besides. */
export const resourceTypes: Readonly<Record<string, ResourceType>> = {
  'AWS::ApiGateway::ApiKey': apiKey,
  'AWS::ApiGateway::Deployment': apiDeployment,
  'AWS::ApiGateway::GatewayResponse': apiGatewayResponse,
  'AWS::ApiGateway::Method': apiMethod,
  'AWS::ApiGateway::Resource': apiResource,
  'AWS::ApiGateway::RestApi': restApi,
  'AWS::ApiGateway::Stage': apiStage,
  'AWS::ApiGateway::UsagePlan': usagePlan,
  'AWS::ApiGateway::UsagePlanKey': usagePlanKey,
  'AWS::ApiGatewayV2::Api': webSocketApi,
  'AWS::ApiGatewayV2::Deployment': webSocketDeployment,
  'AWS::ApiGatewayV2::Integration': webSocketIntegration,
  'AWS::ApiGatewayV2::Route': webSocketRoute,
  'AWS::ApiGatewayV2::RouteResponse': webSocketRouteResponse,
  'AWS::ApiGatewayV2::Stage': webSocketStage,
  'AWS::CDK::Metadata': cdkMetadata,
  'AWS::CloudFormation::CustomResource': customResource,
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::CompositeAlarm': compositeAlarm,
  'AWS::CloudWatch::Dashboard': dashboard,
  'AWS::DynamoDB::GlobalTable': dynamodbGlobalTable,
  'AWS::DynamoDB::Table': dynamodbTable,
  'AWS::Events::Rule': eventsRule,
  'AWS::IAM::Policy': iamPolicy,
  'AWS::IAM::Role': iamRole,
  'AWS::Kinesis::Stream': kinesisStream,
  'AWS::Lambda::Alias': lambdaAlias,
  'AWS::Lambda::EventInvokeConfig': lambdaEventInvokeConfig,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': lambdaPermission,
  'AWS::Lambda::Version': lambdaVersion,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::S3::Bucket': s3Bucket,
  'AWS::S3::BucketPolicy': bucketPolicy,
  'AWS::SSM::Parameter': ssmParameter,
  'AWS::SecretsManager::Secret': secret,
}

/** The resource type of that name; throws a ResourceError that names the resource and what is supported. */
export const resourceTypeOf = (type: string, logicalId: string): ResourceType => {
  if (type.startsWith('Custom::')) return customResource
  const found = Object.hasOwn(resourceTypes, type) ? resourceTypes[type] : undefined
  if (found !== undefined) return found
  const supported = Object.keys(resourceTypes).join(', ')
  throw new ResourceError(
    `${logicalId} is of type ${type}, which is not supported. Supported: ${supported}, Custom::*`,
  )
}
