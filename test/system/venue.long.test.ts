import { rmSync } from 'node:fs'
import { join } from 'node:path'

import {
  CreateTableCommand,
  DynamoDBClient,
  ScanCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'

import { plainFold } from '../../bin/stage/verify/plain-fold.ts'
import { readRunning } from '../../bin/stage/running-deployment.ts'
import { kraken } from '../../feed/venues/kraken.ts'
import { bundleProgram } from '../../lib/bundled-code.ts'
import { eventually } from '../support/eventually.ts'
import { toTrade } from '../support/trades.ts'
import { krakenDialect } from '../venues/dialects.ts'
import { Market } from '../venues/market.ts'
import { VenueSimulator } from '../venues/simulator.ts'
import { runProgram } from './support/run-program.ts'
import { prepareData, temporaryFolder } from './support/data-folder.ts'
import { type Started, startIn } from './support/start-in.ts'

const SYMBOL = 'BTC/USD'
/** Of the program of the container. */
const OTHER = 'ETH/USD'
const SECOND = 1_000_000

let folder: string
let data: string
let server: string
let running: Started | undefined
const market = new Market({ seed: 7, startMs: Date.now() - 14 * 60_000 })
const simulator = new VenueSimulator(krakenDialect, market)

beforeAll(async () => {
  folder = temporaryFolder()
  data = await prepareData(join(folder, 'data'))
  server = (await simulator.start(kraken)).restUrl
})

afterEach(() => running?.child.kill('SIGKILL'))
afterAll(async () => {
  await simulator.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('starts with a venue, fills what it missed while it was stopped, and has every bar complete', async () => {
  await start()
  trade(120, 'sent')
  await eventually('a bar', async () => (await bars()).length > 0)
  expect(await running?.interrupt()).toBe(0)
  // Three minutes that nobody fed.
  trade(180, 'lost')
  await start()
  trade(60, 'sent')
  const expected = [
    ...plainFold(
      market
        .of(SYMBOL)
        .map(({ micros, ...each }) => toTrade({ ...each, timestamp: (micros / 1e6).toFixed(3) })),
    ).values(),
  ]
  await eventually('all bars but the last', async () => (await bars()).length >= expected.length - 1)
  await running?.interrupt()
  await start()
  expect(await bars()).toEqual(
    expected.map(({ start: minute, open, high, low, close, volume, tradeCount }) => ({
      minute,
      prices: [open, high, low, close].map(Number),
      volume,
      trade_count: tradeCount,
      complete: true,
    })),
  )
  expect(running?.printed()).toContain('kraken: connected, 1 symbols')
})

it('runs the program of the container: it goes on from its place in the table, reports its metrics, and ends in peace', async () => {
  running = await startIn(data, '--no-feed')
  const found = readRunning(data)
  if (found.type !== 'running') throw new Error(`nothing runs in ${data}`)
  const { endpoint, region, accessKeyId, secretAccessKey, ticksStream } = found.deployment
  const dynamodb = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } })
  const table = await placesTable(dynamodb)
  const program = join(folder, 'index.mjs')
  bundleProgram('functions/venue-feed/main.ts', program)
  const environment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    POWERTOOLS_METRICS_NAMESPACE: 'TickStock/test',
    TICKS_STREAM: ticksStream,
    PLACES_TABLE: table,
    VENUES: `kraken=${OTHER}`,
    VENUE_SIDES: 'on',
    TRADING_HOURS: 'always',
    VENUE_SERVER: server,
  }
  const first = await runSubscribed(program, environment)
  trade(120, 'sent', OTHER)
  await eventually('a bar', async () => (await bars(OTHER)).length > 0)
  expect(await first.stop()).toBe(0)
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: table }))
  expect(Items).toMatchObject([{ venue: { S: 'kraken' }, symbol: { S: OTHER }, position: { N: '1119' } }])
  trade(120, 'lost', OTHER)
  const second = await runSubscribed(program, environment)
  trade(120, 'sent', OTHER)
  await eventually('bars', async () => (await bars(OTHER)).length >= 5)
  expect(await second.stop()).toBe(0)
  expect((await bars(OTHER)).every(({ complete }) => complete === true)).toBe(true)
  const metrics = second
    .printed()
    .split('\n')
    .filter((text) => text.includes('_aws'))
    .map((text) => JSON.parse(text))
  expect(metrics.at(-1)).toMatchObject({ service: 'venue-feed', SymbolsSilent: 0, TradesMissing: 0 })
  expect(metrics.reduce((sum, { TradesFilled }) => sum + TradesFilled, 0)).toBeGreaterThanOrEqual(120)
  dynamodb.destroy()
})

it.each([
  [
    'a venue that there is none of',
    ['--venue', 'nyse'],
    'there is no venue nyse; the venues are kraken, coinbase, binance',
  ],
  [
    'a symbol that the venue does not have',
    ['--venue', 'kraken=BTCUSD', '--venue-server', ''],
    'did you mean BTC/USD?',
  ],
  [
    'options of the synthetic feed',
    ['--venue', 'kraken', '--history', '5'],
    '--history is of the synthetic feed',
  ],
  [
    'an encoding of no feed',
    ['--no-feed', '--encoding', 'json'],
    '--encoding is of a feed, and --no-feed is given',
  ],
])('says what is wrong with %s', async (_, options, said) => {
  running = await startIn(data, ...options.map((option) => (option === '' ? server : option)))
  await eventually('the end', () => running?.child.exitCode !== null)
  expect(running.child.exitCode).toBe(1)
  expect(running.printed()).toContain(said)
})

async function start(): Promise<void> {
  const connections = simulator.connections
  running = await startIn(data, '--venue', `kraken=${SYMBOL.toLowerCase()}`, '--venue-server', server)
  await eventually(
    'a connection',
    () => simulator.connections > connections && simulator.subscribed.has(SYMBOL),
  )
}

function trade(seconds: number, fate: 'sent' | 'lost', symbol = SYMBOL): void {
  for (let second = 0; second < seconds; second++) simulator.trade(symbol, { afterMicros: SECOND, fate })
}

async function placesTable(client: DynamoDBClient): Promise<string> {
  const TableName = 'venue-places'
  const keys = ['venue', 'symbol'] as const
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: keys.map((AttributeName, index) => ({
        AttributeName,
        KeyType: index === 0 ? 'HASH' : 'RANGE',
      })),
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.1 }, { TableName })
  return TableName
}

/** Runs it as the container does; resolves when it has subscribed. */
async function runSubscribed(program: string, environment: Readonly<Record<string, string>>) {
  const connections = simulator.connections
  const subscribed = runProgram(program, environment)
  await eventually(
    'a subscription',
    () => simulator.connections > connections && simulator.subscribed.has(OTHER),
  )
  return subscribed
}

const rowsSchema = z.array(
  z.object({
    minute: z.coerce.number(),
    prices: z.array(z.coerce.number()),
    volume: z.string(),
    trade_count: z.coerce.number(),
    complete: z.boolean().nullable(),
  }),
)

async function bars(symbol = SYMBOL): Promise<z.output<typeof rowsSchema>> {
  const found = readRunning(data)
  if (found.type !== 'running') throw new Error(`nothing runs in ${data}`)
  const client = new Client({ connectionString: found.deployment.readOnlyUrl })
  await client.connect()
  try {
    const { rows } = await client.query(
      `SELECT extract(epoch FROM timestamp) AS minute, ARRAY[open, high, low, close] AS prices,
         trim_scale(volume)::text AS volume, trade_count, complete
       FROM ohlcv_1min WHERE symbol = '${symbol}' ORDER BY timestamp`,
    )
    return rowsSchema.parse(rows)
  } finally {
    await client.end()
  }
}
