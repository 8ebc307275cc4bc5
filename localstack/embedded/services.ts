import type { ApiGateway } from './api-gateway/api-gateway.ts'
import type { AsynchronousInvoker } from './functions/asynchronous-invocation.ts'
import type { CustomResources } from './custom-resource.ts'
import type { DynamodbServer } from './dynamodb/dynamodb.ts'
import type { EventSourceMappings } from './event-source-mappings.ts'
import type { FunctionHost } from './functions/function-host.ts'
import type { StreamStore } from './kinesis/stream-store.ts'
import type { S3Store } from './s3/s3-store.ts'
import type { Scheduler } from './schedule/scheduler.ts'
import type { SecretsManager } from './secrets-manager.ts'
import type { ParameterStore } from './ssm.ts'
import type { Stages } from './web-socket/stages.ts'

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
