import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { apiGatewayPath, openApiGateway } from './services/api-gateway/api-gateway.ts'
import { readAssembly } from './template/assembly.ts'
import { createAsynchronousInvoker } from './services/lambda/asynchronous-invocation.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { openCodeStore } from './services/lambda/code-store.ts'
import { openCustomResources } from './services/cloudformation/custom-resources.ts'
import type { CustomResources } from './services/cloudformation/custom-resources.ts'
import { lockDataFolder } from './storage/data-folder-lock.ts'
import { deployStack } from './deploy.ts'
import type { DeployedResource, DeployedStack, DeployProgress } from './deploy.ts'
import { startDynamodb } from './services/dynamodb/dynamodb.ts'
import { DamagedError, EmbeddedRuntimeError } from './errors.ts'
import { openCheckpoints } from './services/event-source-mapping/event-source-mapping.ts'
import { createEventSourceMappings } from './services/event-source-mapping/event-source-mappings.ts'
import type { MappingLag } from './services/event-source-mapping/event-source-mappings.ts'
import { createFunctionHost } from './services/lambda/function-host.ts'
import type { FunctionFigures } from './services/lambda/function-pool.ts'
import type { FunctionLogLine } from './services/lambda/function-sandbox.ts'
import { startGateway } from './gateway.ts'
import { startKinesisServer } from './services/kinesis/server.ts'
import type { StreamStore } from './services/kinesis/stream-store.ts'
import { readInventory, writeInventory } from './storage/inventory.ts'
import type { Inventory } from './storage/inventory.ts'
import { lambdaApi } from './services/lambda/lambda-api.ts'
import { openLogStore } from './services/logs/log-store.ts'
import type { InvocationResult } from './ports.ts'
import { openS3Store } from './services/s3/s3-store.ts'
import { s3Api } from './services/s3/s3.ts'
import { createScheduler } from './services/events/scheduler.ts'
import { openSecretsManager } from './services/secrets-manager/secret-store.ts'
import type { Services } from './services.ts'
import { openParameterStore } from './services/ssm/parameter-store.ts'
import { localUrls } from './services/api-gateway/local-urls.ts'
import { openWebSocketApis } from './services/api-gateway-v2/web-socket-apis.ts'

export type { DeployedResource, DeployProgress, FunctionFigures, FunctionLogLine, MappingLag }

export type RuntimeOptions = {
  /** Folder of the cloud assembly that `cdk synth` wrote. */
  readonly assembly: string
  /** @default the only stack of the assembly */
  readonly stack?: string
  /** Folder where everything is kept; the next start goes on from it. */
  readonly data: string
  /** Port of the gateway. @default 0, any free one */
  readonly port?: number
  /** Values of template parameters. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Added to the environment of every function, over what the template says. Nothing else gets in from outside. */
  readonly environment?: Readonly<Record<string, string>>
  readonly onLog?: (line: FunctionLogLine) => void
  readonly onProgress?: (progress: DeployProgress) => void
  /** @default the system's */
  readonly clock?: Clock
}

/** A stack that runs on this machine. */
export type Runtime = {
  /** URL of the gateway: the value of AWS_ENDPOINT_URL for any client. */
  readonly endpoint: string
  /** Variables that a client's process needs. */
  readonly environment: Readonly<Record<string, string>>
  readonly outputs: Readonly<Record<string, string>>
  readonly resources: readonly DeployedResource[]
  /**
   * The physical id (what `Ref` gives) of the one resource with this logical id, or whose logical or physical id
   * matches a pattern; throws if there is none or more than one.
   */
  readonly resource: (logicalIdOrPattern: string | RegExp) => string
  /** The secret string of a secret given by name or ARN. */
  readonly secretValue: (idOrArn: string) => string
  /** URL of a stage of a REST API, without a slash at its end. */
  readonly apiUrl: (apiId: string, stage: string) => string
  /** The value of an API key, by its id; undefined if there is none. */
  readonly apiKey: (keyId: string) => string | undefined
  readonly invoke: (functionName: string, event: unknown) => Promise<InvocationResult>
  /** What each function has done and holds, by name. */
  readonly functions: () => Promise<Readonly<Record<string, FunctionFigures>>>
  /** Ends a function's workers abruptly; an invocation in flight becomes an error result. */
  readonly killFunction: (name: string) => Promise<void>
  /** Resolves when every event source mapping has settled everything. */
  readonly idle: (options?: { readonly except?: readonly string[] }) => Promise<void>
  readonly lag: () => readonly MappingLag[]
  /** The streams themselves: put, split, merge, read. */
  readonly streams: StreamStore
  /** Finishes what is in flight, then closes everything. */
  readonly stop: () => Promise<void>
}

const accountId = '000000000000'

type Closer = () => void | Promise<void>

/**
 * Runs a stack of a CDK cloud assembly on this machine: streams, tables, buckets, secrets, parameters, functions,
 * event source mappings, schedules, REST and WebSocket APIs and custom resources. Throws an EmbeddedRuntimeError that says what is wrong with
 * the assembly, a resource, the data folder or the port; then nothing is left running.
 */
export const startRuntime = async (options: RuntimeOptions): Promise<Runtime> => {
  const closers: Closer[] = []
  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close()
  }
  try {
    return await start(options, { closeAll, onClose: (close) => closers.push(close) })
  } catch (error) {
    await closeAll()
    throw error
  }
}

const start = async (
  options: RuntimeOptions,
  { closeAll, onClose }: { closeAll: () => Promise<void>; onClose: (close: Closer) => void },
): Promise<Runtime> => {
  const assembly = readAssembly(options.assembly, options.stack)
  const region = process.env['AWS_REGION'] ?? 'us-east-1'
  const context: Context = { ...assembly, region, data: resolve(options.data), options, onClose }
  onClose(lockDataFolder(context.data))
  const inventory = join(context.data, 'inventory.json')
  const made = readInventory(inventory)
  if (made !== undefined) refuseMissing(made, context.data)
  const { services, mappings, environment, code } = await openServices(context)
  await refuseLosses(made, context.data, services)
  const stack = await deployStack(assembly, services, {
    pseudo: { accountId, region, stackName: assembly.stackName },
    parameters: options.parameters ?? {},
    onProgress: options.onProgress ?? (() => undefined),
  })
  writeInventory(inventory, stack.resources)
  code.prune()
  onClose(mappings.stop)
  mappings.start()
  onClose(services.scheduler.stop)
  services.scheduler.start()
  return {
    endpoint: environment.AWS_ENDPOINT_URL,
    environment,
    outputs: stack.outputs,
    resources: stack.resources,
    resource: (wanted) => oneResource(stack, wanted),
    secretValue: (id) => services.secrets.find(id).value,
    apiUrl: (apiId, stage) => `${environment.AWS_ENDPOINT_URL}${apiGatewayPath}${apiId}/${stage}`,
    apiKey: services.apiGateway.keys.value,
    invoke: services.functions.invoke,
    functions: services.functions.figures,
    killFunction: services.functions.kill,
    idle: mappings.idle,
    lag: mappings.lag,
    streams: services.streams,
    stop: closeAll,
  }
}

/** What an earlier start made and is gone would be made anew, empty, and nobody would know. */
const refuseMissing = (made: Inventory, data: string): void => {
  const files = [
    ...(made.streams.length > 0 ? ['kinesis/streams.sqlite'] : []),
    ...(made.tables.length > 0 ? ['dynamodb/CURRENT'] : []),
    ...(made.secrets.length > 0 ? ['secrets.json'] : []),
  ]
  for (const file of files) {
    const size = statSync(join(data, file), { throwIfNoEntry: false })?.size
    if (size === undefined) throw new DamagedError(join(data, file), 'is missing')
    if (size === 0) throw new DamagedError(join(data, file), 'is damaged (it is empty)')
  }
}

const refuseLosses = async (made: Inventory | undefined, data: string, services: Services): Promise<void> => {
  if (made === undefined) return
  const lost = (path: string, what: string): DamagedError =>
    new DamagedError(join(data, path), `is damaged (it has lost the ${what} that an earlier start made)`)
  const streams = new Set(services.streams.listStreams())
  for (const name of made.streams)
    if (!streams.has(name)) throw lost('kinesis/streams.sqlite', `stream ${name}`)
  for (const name of made.tables)
    if (!(await services.dynamodb.hasTable(name))) throw lost('dynamodb', `table ${name}`)
  for (const id of made.secrets) if (!services.secrets.has(id)) throw lost('secrets.json', `secret ${id}`)
}

type Context = {
  readonly stackName: string
  readonly assets: ReadonlyMap<string, string>
  readonly region: string
  readonly data: string
  readonly options: RuntimeOptions
  readonly onClose: (close: Closer) => void
}

const openServices = async ({ stackName, assets, region, data, options, onClose }: Context) => {
  const { clock = systemClock, onLog = () => undefined } = options
  const arnPrefix = (service: string) => `arn:aws:${service}:${region}:${accountId}:`
  const secrets = openSecretsManager(join(data, 'secrets.json'), {
    arnPrefix: `${arnPrefix('secretsmanager')}secret:`,
    now: clock.now,
  })
  const parameters = openParameterStore(join(data, 'parameters.json'), {
    arnPrefix: `${arnPrefix('ssm')}parameter`,
    now: clock.now,
  })
  const buckets = openS3Store(join(data, 's3'))
  const kinesis = await startKinesisServer({ folder: join(data, 'kinesis') })
  onClose(() => kinesis.close())
  const dynamodb = await startDynamodb(join(data, 'dynamodb'), region)
  onClose(dynamodb.close)
  const logs = openLogStore({ arnPrefix: `${arnPrefix('logs')}log-group:`, now: clock.now })
  const functions = createFunctionHost((line) => {
    logs.append(functions.definition(line.functionName).logGroupName, line.text)
    onLog(line)
  })
  const asynchronous = createAsynchronousInvoker(functions.invoke, clock)
  const customResources: CustomResources = openCustomResources(join(data, 'custom-resources.json'), {
    responseEndpoint: () => gateway.endpoint,
    stackId: `${arnPrefix('cloudformation')}stack/${stackName}/embedded`,
    clock,
    invoke: functions.invoke,
  })
  const apiGateway = openApiGateway(join(data, 'api-keys.json'), {
    invoke: functions.invoke,
    now: clock.now,
    accountId,
  })
  const webSockets = openWebSocketApis({ invoke: functions.invoke, clock, keys: apiGateway.keys })
  const gateway = await startGateway(options.port ?? 0, {
    kinesis: kinesis.endpoint,
    dynamodb: dynamodb.endpoint,
    secretsmanager: secrets.handle,
    ssm: parameters.handle,
    logs: logs.handle,
    lambda: lambdaApi(functions, { send: asynchronous.send }),
    s3: s3Api(buckets),
    customResources: customResources.handle,
    apis: (request) =>
      webSockets.stages.serves(request.path) ? webSockets.handle(request) : apiGateway.handle(request),
    upgrade: webSockets.upgrade,
    health: () => ({ status: 'running', stack: stackName, lag: mappings.lag() }),
  })
  onClose(gateway.close)
  const checkpoints = openCheckpoints(join(data, 'checkpoints'))
  onClose(() => checkpoints.close())
  onClose(functions.stop)
  onClose(asynchronous.stop)
  onClose(webSockets.stop)
  const streams = kinesis.store
  const mappings = createEventSourceMappings({
    reader: streams,
    checkpoints,
    functions,
    buckets,
    onLog,
    now: clock.now,
  })
  const code = openCodeStore(join(data, 'code'), assets)
  const environment = {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: gateway.endpoint,
    AWS_ENDPOINT_URL_S3: gateway.endpoint,
    AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: gateway.endpoint,
    AWS_ENDPOINT_URL_SSM: gateway.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: gateway.endpoint,
  }
  const isLocal = (apiId: string): boolean => apiGateway.apis.has(apiId) || webSockets.stages.apis.has(apiId)
  const services: Services = {
    streams,
    dynamodb,
    buckets,
    secrets,
    parameters,
    functions,
    asynchronous,
    scheduler: createScheduler(clock),
    apiGateway,
    webSockets: webSockets.stages,
    customResources,
    mappings,
    code: code.folder,
    reachable: (text) => localUrls(text, { endpoint: gateway.endpoint, isLocal }),
    functionEnvironment: (declared) => ({ ...environment, ...declared, ...options.environment }),
  }
  return { services, mappings, environment, code }
}

const oneResource = ({ resources }: DeployedStack, wanted: string | RegExp): string => {
  const found = resources.filter(({ logicalId, physicalId }) =>
    typeof wanted === 'string' ? logicalId === wanted : wanted.test(logicalId) || wanted.test(physicalId),
  )
  const [only, ...others] = found
  if (only !== undefined && others.length === 0) return only.physicalId
  const names = (found.length === 0 ? resources : found).map(({ logicalId }) => logicalId).join(', ')
  throw new EmbeddedRuntimeError(
    `${String(wanted)} ${found.length === 0 ? 'matches no resource of' : 'matches several resources:'} ${names}.`,
  )
}
