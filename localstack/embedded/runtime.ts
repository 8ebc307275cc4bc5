import { resolve } from 'node:path'
import type { Enforcement } from './access.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { deployStack } from './deploy.ts'
import type { DeployedResource, DeployProgress } from './deploy.ts'
import { EmbeddedRuntimeError } from './errors.ts'
import { startGateway } from './gateway.ts'
import type { Upgrade } from './http/http.ts'
import type { FunctionLogLine } from './log-line.ts'
import type {
  Affinity,
  Clocks,
  CodePlace,
  NamedMapping,
  PollEvery,
  RunningService,
  Service,
  ServiceWithApi,
  StackContext,
} from './service.ts'
import { lockDataFolder } from './storage/data-folder-lock.ts'
import { closeToOthers, makeOwnerOnly } from './storage/owner-only.ts'
import { readInventory, refuseLosses, refuseMissingFiles, writeInventory } from './storage/inventory.ts'
import { strictOf } from './strictness.ts'
import type { Strictness } from './strictness.ts'
import { readAssembly } from './template/assembly.ts'

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
  /** `none` gives each batch of a shard to another worker. @default shard */
  readonly affinity?: Affinity
  /** `own`: the wall clock of each function, and that of the streams, can be put forward and back. @default machine */
  readonly clocks?: Clocks
  /** Workers that a function keeps for its shards, and without affinity starts for them at once. @default 4 */
  readonly workersForShards?: number
  /** Lambda reads a shard about once a second. @default 0: at once whenever there are records */
  readonly pollEveryMs?: PollEvery
  /** False for an event source mapping that is to do nothing, as if it were disabled. @default true for all */
  readonly isMapped?: (mapping: NamedMapping) => boolean
  /** True for a function that is loaded before the runtime runs, as with provisioned concurrency. @default false for all */
  readonly isWarm?: (functionName: string) => boolean
  /** Origins whose web pages may use the REST and WebSocket APIs; `*` is all. @default the gateway's own */
  readonly origins?: readonly string[]
  /**
   * Where functions run from. `copy`: from a copy in the data folder, which a new `cdk synth` leaves alone. `assembly`: from
   * the assembly, which must then stay as it is; quicker, for a throw-away data folder. @default copy
   */
  readonly code?: CodePlace
  /** Enforces the policies of the roles of functions. @default a function may do everything */
  readonly iam?: Enforcement
  /** Makes the runtime as unkind as AWS may be, and `affinity` be `none` by itself. @default it is as quick as the machine */
  readonly strict?: Strictness
}

/** A stack that runs, whatever services it consists of. */
export type RunningStack = {
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
  /** The API of one of its services. */
  readonly api: <Api>(service: ServiceWithApi<Api>) => Api
  /** Lets somebody else take connections of the gateway that ask for a WebSocket, before its services do; ends them before `stop`. */
  readonly takeUpgrades: (upgrade: Upgrade) => void
  /** Finishes what is in flight, then closes everything. */
  readonly stop: () => Promise<void>
}

const accountId = '000000000000'

type Closer = () => void | Promise<void>

/**
 * Runs a stack of a CDK cloud assembly by these services. Throws an EmbeddedRuntimeError that says what is wrong with
 * the assembly, a resource, the data folder or the port; then nothing is left running.
 */
export async function runStack(options: RuntimeOptions, services: readonly Service[]): Promise<RunningStack> {
  const closers: Closer[] = []
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close()
  }
  try {
    return await start(options, services, { stop, onStop: (close) => closers.push(close) })
  } catch (error) {
    await stop()
    throw error
  }
}

/** `onStop` takes what `stop` is to call, the latest first. */
type Stopping = { readonly stop: () => Promise<void>; readonly onStop: (close: Closer) => void }

async function start(
  options: RuntimeOptions,
  services: readonly Service[],
  { stop, onStop }: Stopping,
): Promise<RunningStack> {
  const { onProgress = () => undefined, parameters = {} } = options
  const assembly = readAssembly(options.assembly, options.stack)
  const context = contextOf(options, assembly)
  const { data, region, stackName } = context
  onStop(makeOwnerOnly())
  onStop(lockDataFolder(data))
  closeToOthers(data)
  const made = readInventory(data, services)
  if (made !== undefined) refuseMissingFiles(made, data, services)
  let phase: Phase = 'starting'
  const { running, gateway, environment, takeUpgrades } = await open(services, context, {
    phase: () => phase,
    port: options.port ?? 0,
    origins: options.origins ?? [],
    onStop,
  })
  if (made !== undefined) await refuseLosses(made, data, running)
  const { outputs, resources } = await deployStack(assembly, running, {
    pseudo: { accountId, region, stackName },
    parameters,
    gateway,
    clientEnvironment: environment,
    onProgress,
  })
  writeInventory(data, services, resources)
  for (const service of running) await service.start?.()
  phase = 'running'
  onStop(() => {
    phase = 'stopping'
  })
  return {
    endpoint: gateway,
    environment,
    outputs,
    resources,
    resource: (wanted) => oneResource(resources, wanted),
    api: (service) => service.of(context),
    takeUpgrades,
    stop,
  }
}

function contextOf(
  {
    data,
    clock = systemClock,
    onLog = () => undefined,
    environment = {},
    strict,
    affinity = strict === undefined ? 'shard' : 'none',
    clocks = 'machine',
    workersForShards,
    pollEveryMs = () => 0,
    isMapped = () => true,
    isWarm = () => false,
    code = 'copy',
    iam,
  }: RuntimeOptions,
  { stackName, assets }: Pick<StackContext, 'stackName' | 'assets'>,
): StackContext {
  const region = process.env['AWS_REGION'] ?? 'us-east-1'
  return {
    stackName,
    assets,
    accountId,
    region,
    data: resolve(data),
    clock,
    affinity,
    clocks,
    ...(workersForShards !== undefined && { workersForShards }),
    pollEveryMs,
    isMapped,
    isWarm,
    code,
    onLog,
    functionEnvironment: environment,
    ...(iam !== undefined && { enforcement: iam }),
    ...(strict !== undefined && { strict: strictOf(strict) }),
  }
}

/** Only while it runs can clients use its APIs. */
type Phase = 'starting' | 'running' | 'stopping'

/** Services of AWS close idle connections after seconds to a minute; a function that was frozen does not notice. */
const strictIdleMs = 5_000

/** Opens the services in their order, and the gateway to them. */
async function open(
  services: readonly Service[],
  context: StackContext,
  {
    port,
    origins,
    phase,
    onStop,
  }: {
    readonly port: number
    readonly origins: readonly string[]
    readonly phase: () => Phase
  } & Pick<Stopping, 'onStop'>,
) {
  const running: RunningService[] = []
  for (const service of services) {
    const opened = await service.open(context)
    if (opened.close !== undefined) onStop(opened.close)
    running.push(opened)
  }
  const upgrades: Upgrade[] = []
  const { endpoint: gateway, close } = await startGateway(port, {
    upgrades,
    endpoints: running.flatMap(({ endpoint }) => endpoint ?? []),
    guards: running.flatMap(({ guard }) => guard ?? []),
    origins,
    health: () => healthOf(running, context, phase()),
    isReady: () => phase() === 'running',
    idleMs: context.strict === undefined ? 0 : strictIdleMs,
  })
  onStop(close)
  for (const service of running) if (service.stop !== undefined) onStop(service.stop)
  return {
    running,
    gateway,
    environment: clientEnvironment(running, gateway, context),
    takeUpgrades: (upgrade: Upgrade) => void upgrades.push(upgrade),
  }
}

function healthOf(running: readonly RunningService[], { stackName }: StackContext, status: Phase) {
  const members = running.flatMap(({ health }) => Object.entries(health?.() ?? {}))
  return { status, stack: stackName, ...Object.fromEntries(members) }
}

function clientEnvironment(
  running: readonly RunningService[],
  gateway: string,
  { region }: StackContext,
): Readonly<Record<string, string>> {
  const variables = running.flatMap(({ environment }) => Object.entries(environment?.(gateway) ?? {}))
  return {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: gateway,
    ...Object.fromEntries(variables),
  }
}

function oneResource(resources: readonly DeployedResource[], wanted: string | RegExp): string {
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
