import type { ApiGateway } from './services/api-gateway/api-gateway.ts'
import type { AsynchronousInvoker } from './services/lambda/asynchronous-invocation.ts'
import type { CustomResources } from './services/cloudformation/custom-resources.ts'
import type { DynamodbServer } from './services/dynamodb/dynamodb.ts'
import type { EventSourceMappings } from './services/event-source-mapping/event-source-mappings.ts'
import type { FunctionHost } from './services/lambda/function-host.ts'
import type { StreamStore } from './services/kinesis/stream-store.ts'
import type { S3Store } from './services/s3/s3-store.ts'
import type { Scheduler } from './services/events/scheduler.ts'
import type { SecretsManager } from './services/secrets-manager/secret-store.ts'
import type { ParameterStore } from './services/ssm/parameter-store.ts'
import type { Stages } from './services/api-gateway-v2/stages.ts'

/** What resources are made of. */
export type Services = {
  readonly streams: StreamStore
  readonly dynamodb: DynamodbServer
  readonly buckets: S3Store
  readonly secrets: SecretsManager
  readonly parameters: ParameterStore
  readonly functions: FunctionHost
  readonly asynchronous: AsynchronousInvoker
  readonly scheduler: Scheduler
  readonly apiGateway: ApiGateway
  readonly webSockets: Stages
  readonly customResources: CustomResources
  readonly mappings: Pick<EventSourceMappings, 'add'>
  /** A folder with the code of an asset, given its object key, or of inline source text. */
  readonly code: (code: { readonly assetKey: string } | { readonly source: string }) => string
  /** A text of the template in which the URLs of this stack's APIs lead to this machine. */
  readonly reachable: (text: string) => string
  /** A function's environment out of what its template declares: with endpoints, credentials, the caller's additions. */
  readonly functionEnvironment: (
    declared: Readonly<Record<string, string>>,
  ) => Readonly<Record<string, string>>
}
