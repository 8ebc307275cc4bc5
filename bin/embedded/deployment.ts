import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import {
  type FunctionLogLine,
  makeFolder,
  type Runtime,
  type RuntimeOptions,
  startRuntime,
} from 'embedded-aws'
import { DamagedError, messageOf } from 'embedded-aws/errors'
import { hasCluster, prepareDatabase, type RunningPostgres, startPostgres } from 'embedded-aws/postgres'
import * as z from 'zod'

import { UsageError } from '../terminal/errors.ts'
import { affinityOf, shardWorkersOf } from './affinity.ts'
import { corsOriginsOf } from './cors-origins.ts'
import { ENFORCED, enforcementOf } from './enforcement.ts'
import { Faults } from './faults.ts'
import { settle, type Settled, type SettleOptions } from './settle.ts'
import { synthesize } from './synthesize.ts'

export type DeploymentOptions = {
  /** Data folder; the next start continues from it. */
  readonly data: string
  /** Port of the AWS endpoint; 0 takes a free one. @default 0 */
  readonly port?: number
  /** Port of Postgres; 0 takes a free one. @default 0 */
  readonly databasePort?: number
  /** `none` for a throw-away deployment, whose functions run from the assembly. @default full */
  readonly durability?: 'full' | 'none'
  /** How long `settle` and `flush` wait while nothing moves, in milliseconds. @default 30,000 */
  readonly patienceMs?: number
  /** Settings over those of `cdk.json`, as `-c` gives them to `cdk deploy`. @default none */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Added to the environment of every function, over what the template says. @default nothing */
  readonly environment?: Readonly<Record<string, string>>
  /** `none` gives each batch of a shard to another worker, as Lambda may. @default TICKSTOCK_AFFINITY, or shard */
  readonly affinity?: RuntimeOptions['affinity']
  /** `own`: the clock of a function can be set. @default machine */
  readonly clocks?: RuntimeOptions['clocks']
  /** Enforces the policies of functions. @default TICKSTOCK_IAM, or every function may do everything */
  readonly iam?: RuntimeOptions['iam']
  /** Makes the runtime as unkind as AWS, and enforces policies. @default it is as quick as the machine */
  readonly strict?: RuntimeOptions['strict']
  /** `off` keeps no trades, for a deployment that is thrown away. @default on, where the settings have it */
  readonly archive?: 'on' | 'off'
  /** Parts that are loaded at the start, since they will have work at once. @default none */
  readonly warm?: readonly string[]
  /** `none`: nothing is broadcast. @default any */
  readonly clients?: 'any' | 'none'
  readonly onProgress?: (doing: string) => void
  readonly onLog?: (line: FunctionLogLine) => void
}

/** TickStock on this machine: the CDK app's stage `local` in the embedded runtime, and its database. */
export type Deployment = {
  readonly runtime: Runtime
  readonly postgres: RunningPostgres
  /** Connects as `app_readonly`. */
  readonly readOnlyUrl: string
  readonly ticksStream: string
  /** Where the API is, without a slash at the end, and a key for it. */
  readonly api: { readonly url: string; readonly key: string }
  /** Where WebSocket clients connect, with the same key; undefined with `websocket: off`. */
  readonly webSocketUrl: string | undefined
  /**
   * Resolves when every tick on the stream is in a bar or an open bar, and every bar is in the database with its
   * indicators and patterns; without those when the analytics part makes no progress.
   *
   * @throws StuckError when another part makes no progress
   * @throws Error when the disk is full
   */
  settle(options?: Pick<SettleOptions, 'onWaiting'>): Promise<Settled>
  /** Closes all open bars and settles. */
  flush(options?: Pick<SettleOptions, 'onWaiting'>): Promise<Settled>
  /** What its parts fail of. Whoever waits for them otherwise than by `settle` and `flush` is to heed `diskFull`. */
  readonly faults: Faults
  stop(): Promise<void>
}

/** Calls of the sweeper that a flush may take. */
const MAX_FLUSHES = 20
const DATABASE = 'tickstock'
/** Beside what else is compiled or made once for a checkout. */
const TEMPLATES = fileURLToPath(new URL('../../node_modules/.cache/templates', import.meta.url))
const OWNER = 'tickstock_owner'
const credentials = z.object({
  username: z.string(),
  password: z.string(),
  host: z.string(),
  port: z.string(),
  dbname: z.string(),
})

/** Synthesizes the app where it has changed, starts Postgres and the runtime, and migrates the database. */
export async function startDeployment(options: DeploymentOptions): Promise<Deployment> {
  const { data, strict, onProgress = () => {} } = options
  // What is strict has none by itself.
  const affinity = options.affinity ?? (strict ? undefined : affinityOf(process.env))
  makeFolder(data)
  const workersForShards = shardWorkersOf(process.env)
  const iam = options.iam ?? (await enforcementOf(strict ? ENFORCED : process.env))
  // A new database beside old streams would never be migrated.
  if (existsSync(join(data, 'aws')) && !hasCluster(join(data, 'postgres')))
    throw new UsageError(
      `the database of ${data} is gone while its streams are there: restore ${join(data, 'postgres')}, or start with empty data: npm start -- --fresh`,
    )
  let doing = 'starting Postgres'
  // Each is a process of its own, and neither needs the other.
  const synthesizing = synthesize({
    onWork: () => {
      doing = 'synthesizing the CDK app, starting Postgres'
    },
    ...(options.settings && { settings: options.settings }),
  })
  onProgress(doing)
  const faults = new Faults()
  const starting = startPostgres({
    folder: join(data, 'postgres'),
    port: options.databasePort ?? 0,
    durability: options.durability ?? 'full',
    templates: TEMPLATES,
    log: (line) => faults.note(line),
  })
  const [assembly, postgres] = await bothOrNone(synthesizing, starting)
  try {
    const owner = { username: OWNER, password: ownerPassword(data) }
    await prepared({ superuser: postgres.superuser, database: DATABASE, owner }, join(data, 'postgres'))
    onProgress('starting streams, tables and functions')
    const runtime = await startRuntime({
      assembly,
      data: join(data, 'aws'),
      code: options.durability === 'none' ? 'assembly' : 'copy',
      port: options.port ?? 0,
      origins: corsOriginsOf(assembly),
      parameters: {
        DatabaseHost: postgres.host,
        DatabasePort: String(postgres.port),
        DatabaseName: DATABASE,
        DatabaseOwner: OWNER,
        DatabaseOwnerPassword: owner.password,
      },
      ...(options.environment && { environment: options.environment }),
      pollEveryMs: pollEvery,
      ...(affinity && { affinity }),
      ...(options.clocks && { clocks: options.clocks }),
      ...(iam && { iam }),
      ...(strict && { strict }),
      ...(workersForShards && { workersForShards }),
      isWarm: (functionName) => options.warm?.some((part) => functionName.endsWith(`-${part}`)) === true,
      isMapped: ({ functionName }) =>
        !(options.archive === 'off' && functionName.endsWith('-archiver')) &&
        !(options.clients === 'none' && functionName.endsWith('-broadcaster')),
      onLog: (line) => {
        faults.noteLog(line)
        options.onLog?.(line)
      },
    })
    return deploymentOf(runtime, postgres, { ...options, faults })
  } catch (error) {
    await postgres.stop()
    throw error
  }
}

/** Waits for both; where the assembly cannot be made, the server does not stay. */
async function bothOrNone(
  synthesizing: Promise<string>,
  starting: Promise<RunningPostgres>,
): Promise<[string, RunningPostgres]> {
  try {
    return await Promise.all([synthesizing, starting])
  } catch (error) {
    await starting.then((postgres) => postgres.stop()).catch(() => undefined)
    throw error
  }
}

/** No client gets more than four live ticks of a symbol a second, so more batches would be work for nothing. */
function pollEvery({ functionName, streamName }: { functionName: string; streamName: string }): number {
  return functionName.endsWith('-broadcaster') && streamName.endsWith('-ticks') ? 250 : 0
}

/** https://www.postgresql.org/docs/18/errcodes-appendix.html */
const INVALID_PASSWORD = '28P01'

async function prepared(options: Parameters<typeof prepareDatabase>[0], folder: string): Promise<void> {
  try {
    await prepareDatabase(options)
  } catch (error) {
    const isRefused = error instanceof Error && 'code' in error && error.code === INVALID_PASSWORD
    const problem = isRefused
      ? 'holds a database that does not take the password of the file superuser-password beside it'
      : `holds a database that cannot be used (${messageOf(error)})`
    throw new DamagedError(folder, problem, { cause: error })
  }
}

function deploymentOf(
  runtime: Runtime,
  postgres: RunningPostgres,
  { patienceMs, faults }: Pick<DeploymentOptions, 'patienceMs'> & Pick<Deployment, 'faults'>,
): Deployment {
  const output = (name: string): string => {
    const value = runtime.outputs[name]
    if (value === undefined) throw new Error(`the stack has no output ${name}`)
    return value
  }
  const others = ['BroadcasterFunction', 'ArchiverFunction'].flatMap((name) => runtime.outputs[name] ?? [])
  const settled: Deployment['settle'] = ({ onWaiting } = {}) =>
    Promise.race([
      faults.diskFull,
      settle(runtime, {
        analytics: output('AnalyticsFunction'),
        others,
        fault: () => faults.last,
        ...(patienceMs !== undefined && { patienceMs }),
        ...(onWaiting && { onWaiting }),
      }),
    ])
  const read = credentials.parse(JSON.parse(runtime.secretValue(output('ReadSecret'))))
  return {
    runtime,
    postgres,
    readOnlyUrl: `postgresql://${read.username}:${read.password}@${postgres.host}:${postgres.port}/${read.dbname}`,
    ticksStream: output('TicksStream'),
    api: {
      url: runtime.apiUrl(output('ApiId'), 'local'),
      key: runtime.apiKey(output('ApiKeyId')) ?? '',
    },
    webSocketUrl: runtime.outputs['WebSocketUrl'],
    settle: settled,
    faults,
    flush: async (waiting) => {
      await settled(waiting)
      for (let calls = 1; ; calls++) {
        const flushing = runtime.invoke(output('SweeperFunction'), { type: 'flush' })
        const result = await Promise.race([faults.diskFull, flushing])
        if (result.type !== 'error') break
        // Bars that a call has closed stay closed: of many symbols on a busy machine, the next call closes the rest.
        const mayGoOn = calls < MAX_FLUSHES && /Task timed out/.test(result.error.errorMessage)
        if (!mayGoOn) throw new UsageError(`the flush failed: ${result.error.errorMessage}`)
      }
      return await settled(waiting)
    },
    stop: async () => {
      await runtime.stop()
      await postgres.stop()
    },
  }
}

function ownerPassword(data: string): string {
  const file = join(data, 'owner-password')
  try {
    // An empty file was cut short; a new password will do, since it is set at each start.
    if (!existsSync(file) || statSync(file).size === 0) {
      writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
      chmodSync(file, 0o600)
    }
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new DamagedError(file, `cannot be used (${messageOf(error)})`, { cause: error })
  }
}
