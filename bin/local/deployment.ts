import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as z from 'zod'

import { prepareDatabase } from '../../localstack/embedded/postgres/prepare-database.ts'
import { hasCluster } from '../../localstack/embedded/postgres/relocation.ts'
import { type RunningPostgres, startPostgres } from '../../localstack/embedded/postgres/start-postgres.ts'
import { type FunctionLogLine, type Runtime, startRuntime } from '../../localstack/embedded/runtime.ts'
import { UsageError } from './errors.ts'
import { type Settled, settle } from './settle.ts'
import { synthesize } from './synthesize.ts'

export type DeploymentOptions = {
  /** Folder where everything is kept; the next start goes on from it. */
  readonly data: string
  /** Port of the AWS endpoint; 0 takes a free one. @default 0 */
  readonly port?: number
  /** Port of Postgres; 0 takes a free one. @default 0 */
  readonly databasePort?: number
  /** `none` for what is thrown away afterwards. @default full */
  readonly durability?: 'full' | 'none'
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
  /** Where WebSocket clients connect, with the same key. */
  readonly webSocketUrl: string
  /**
   * Resolves when every tick on the stream is in a bar or open minute, every bar in the database, and what comes of
   * bars too, unless the analytics part makes no headway: bars do not wait for it.
   */
  settle(): Promise<Settled>
  /** Closes all open minutes and settles. */
  flush(): Promise<Settled>
  stop(): Promise<void>
}

const DATABASE = 'tickstock'
const OWNER = 'tickstock_owner'
const credentials = z.object({
  username: z.string(),
  password: z.string(),
  host: z.string(),
  port: z.string(),
  dbname: z.string(),
})

/** Synthesizes what has to be, starts Postgres and the runtime, and migrates the database. */
export async function startDeployment(options: DeploymentOptions): Promise<Deployment> {
  const { data, onProgress = () => {} } = options
  mkdirSync(data, { recursive: true })
  // A new database beside old streams would never be migrated.
  if (existsSync(join(data, 'aws')) && !hasCluster(join(data, 'postgres')))
    throw new UsageError(
      `the database of ${data} is gone while its streams are there: restore ${join(data, 'postgres')}, or start anew with npm start -- --fresh`,
    )
  const assembly = await synthesize(() => onProgress('synthesizing the CDK app'))
  onProgress('starting Postgres')
  const postgres = await startPostgres({
    folder: join(data, 'postgres'),
    port: options.databasePort ?? 0,
    durability: options.durability ?? 'full',
  })
  try {
    const owner = { username: OWNER, password: ownerPassword(data) }
    await prepareDatabase({ superuser: postgres.superuser, database: DATABASE, owner })
    onProgress('starting streams, tables and functions')
    const runtime = await startRuntime({
      assembly,
      data: join(data, 'aws'),
      port: options.port ?? 0,
      parameters: {
        DatabaseHost: postgres.host,
        DatabasePort: String(postgres.port),
        DatabaseName: DATABASE,
        DatabaseOwner: OWNER,
        DatabaseOwnerPassword: owner.password,
      },
      ...(options.onLog && { onLog: options.onLog }),
    })
    return deploymentOf(runtime, postgres)
  } catch (error) {
    await postgres.stop()
    throw error
  }
}

function deploymentOf(runtime: Runtime, postgres: RunningPostgres): Deployment {
  const output = (name: string): string => {
    const value = runtime.outputs[name]
    if (value === undefined) throw new Error(`the stack has no output ${name}`)
    return value
  }
  const settled = () =>
    settle(runtime, { analytics: output('AnalyticsFunction'), others: [output('BroadcasterFunction')] })
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
    webSocketUrl: output('WebSocketUrl'),
    settle: settled,
    flush: async () => {
      await settled()
      const result = await runtime.invoke(output('SweeperFunction'), { type: 'flush' })
      if (result.type === 'error') throw new Error(`the flush failed: ${result.error.errorMessage}`)
      return await settled()
    },
    stop: async () => {
      await runtime.stop()
      await postgres.stop()
    },
  }
}

function ownerPassword(data: string): string {
  const file = join(data, 'owner-password')
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
    chmodSync(file, 0o600)
  }
  return readFileSync(file, 'utf8')
}
