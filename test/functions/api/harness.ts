import { DEFAULT_PATTERNS } from '../../../functions/domain/patterns/table.ts'
import { createApp, type Measured } from '../../../functions/api/app.ts'
import { serveEvents } from '../../../functions/api/http/api-gateway.ts'
import { databaseNow } from '../../../functions/shared/postgres/database-clock.ts'
import { READ_SESSION } from '../../../functions/api/read-session.ts'
import { writeBars } from '../../../functions/bar-writer/write-bars.ts'
import type { Credentials } from '../../../functions/shared/postgres/credentials.ts'
import { openDatabase, type Queryable } from '../../../functions/shared/postgres/database.ts'
import type { BarRecord } from '../../../functions/shared/streams/records.ts'
import { readAnalysis } from '../../../functions/shared/runtime/analysis-fields.ts'
import { parseTradingHours, type TradingHours } from '../../../functions/shared/runtime/trading-hours.ts'
import { createDatabase, type TestDatabase } from '../../support/test-database.ts'

/** A Monday noon in New York. */
export const NOW = Date.parse('2025-11-10T17:30:00Z')

type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded?: true
  /** The body as a client gets it. */
  readonly bytes: Buffer<ArrayBuffer>
  /** The body, parsed. */
  readonly json: unknown
}

/** The API's function over a real Postgres, with a clock of our own. */
export type ApiHarness = {
  readonly server: TestDatabase
  /** Everything that went wrong inside. */
  readonly errors: unknown[]
  readonly measured: Measured[]
  /** What the clock shows. */
  now: number
  /** What the clock of the database shows: as much, so that a test need not wait for times to pass; or what it does. */
  databaseClock: 'as ours' | 'its own'
  /** Milliseconds by which the clock moves each time it is read. */
  tick: number
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  send(method: string, path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  write(bars: readonly BarRecord[]): Promise<void>
  close(): Promise<void>
}

/**
 * @param options.connect the secret that the API is given
 * @param options.server where its tables are @default a database of its own
 */
export async function startApi({
  server: given,
  connect = (server) => server.credentials('app_readonly'),
  tradingHours = parseTradingHours('off'),
  indicators = 'rsi(14) sma(20)',
}: {
  readonly server?: TestDatabase
  readonly connect?: (server: TestDatabase) => Credentials
  readonly tradingHours?: TradingHours
  /** As the config has them. */
  readonly indicators?: string
} = {}): Promise<ApiHarness> {
  const server = given ?? (await createDatabase())
  const database = openDatabase(async () => connect(server), {
    ssl: false,
    applicationName: 'api',
    ...READ_SESSION,
  })
  const writer = server.open('app_readwrite')
  const errors: unknown[] = []
  const measured: Measured[] = []
  const harness: ApiHarness = {
    server,
    errors,
    measured,
    now: NOW,
    databaseClock: 'as ours',
    tick: 0,
    get: (path, headers) => harness.send('GET', path, headers),
    send: async (method, path, headers = {}) => {
      const result = await handle(proxyEvent(method, path, headers))
      const bytes = Buffer.from(result.body, result.isBase64Encoded ? 'base64' : 'utf8')
      return { ...result, status: result.statusCode, bytes, json: parse(result.body) }
    },
    write: async (bars) => {
      await writeBars(writer, bars)
    },
    close: async () => {
      await database.end()
      await writer.end()
      await server.remove()
    },
  }
  const handle = serveEvents(apiOver(database, harness, { tradingHours, indicators }))
  return harness
}

function apiOver(
  database: Queryable,
  harness: ApiHarness,
  { tradingHours, indicators }: { readonly tradingHours: TradingHours; readonly indicators: string },
) {
  const analysis = { indicators, patterns: DEFAULT_PATTERNS, vwapAnchor: 'America/New_York 00:00' }
  return createApp({
    database,
    now: () => (harness.now += harness.tick),
    databaseNow: async () =>
      harness.databaseClock === 'as ours' ? harness.now : await databaseNow(database),
    indicators: readAnalysis(analysis).outputs,
    analysis,
    tradingHours,
    corsOrigins: ['https://app.example'],
    logError: (_message, error) => harness.errors.push(error),
    measure: (measured) => harness.measured.push(measured),
  })
}

/** A proxy event as API Gateway sends it: the query decoded, the path not. */
export function proxyEvent(method: string, target: string, headers: Readonly<Record<string, string>>) {
  const [path = '', query = ''] = target.split('?', 2)
  const given = new URLSearchParams(query)
  const parameters = Object.fromEntries([...given.keys()].map((name) => [name, given.getAll(name)]))
  return {
    httpMethod: method,
    path,
    multiValueQueryStringParameters: query === '' ? null : parameters,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
