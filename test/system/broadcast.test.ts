import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { deployedEnvironment } from '../../bin/stage/deployed-function.ts'
import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { createPublisher } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import type { FeedTick } from '../../feed/tick.ts'
import { barRecordSchema } from '../../functions/shared/streams/records.ts'
import { preparedData } from './support/data-folder.ts'
import { feedTicks } from './support/feed-history.ts'
import { readRows } from './support/replay-into.ts'
import { startWatching, type Watching } from './support/watching.ts'
import { waitFor } from './support/wait-for.ts'

const COMMAND_LINE = fileURLToPath(new URL('../../bin/tickstock.ts', import.meta.url))
const T = 1_760_106_720
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

let data: string
let deployment: Deployment
let clients: Watching[] = []

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({ data, durability: 'none' })
})

afterAll(async () => {
  for (const client of clients) await client.stop()
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

async function watching(...symbols: readonly string[]): Promise<Watching> {
  const client = await startWatching(deployment, { symbols })
  clients = [...clients, client]
  return client
}

/** Ticks of whole seconds after the beginning of a minute, in this order, at prices that go up and down. */
function ticks(symbol: string, seconds: readonly number[]): FeedTick[] {
  return seconds.map((second) => ({
    symbol,
    price: String(100 + (second % 7)),
    volume: '1.5',
    timestamp: String(T + second),
  }))
}

const keyOf = ({ type, symbol, timestamp, revision }: Record<string, unknown>): string =>
  [type, symbol, timestamp, revision].join(' ')

/** As keys: every bar, in each of its revisions, and whatever came of it, as the database has them. */
async function written(symbol: string): Promise<string[]> {
  const database = new Client(deployment.readOnlyUrl)
  await database.connect()
  try {
    const { rows } = await database.query(
      `SELECT concat_ws(' ', type, symbol, to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), revision) AS key
       FROM (SELECT 'bar' AS type, symbol, timestamp, revision FROM ohlcv_1min
             UNION SELECT 'indicators', symbol, timestamp, revision FROM indicator_values
             UNION SELECT 'patterns', symbol, timestamp, revision FROM intraday_patterns) AS written
       WHERE symbol = $1`,
      [symbol],
    )
    return z
      .array(z.object({ key: z.string() }))
      .parse(rows)
      .map(({ key }) => key)
  } finally {
    await database.end()
  }
}

describe('a WebSocket client', () => {
  it('gets each bar and what comes of it as it is written, in every digit, and its revision after a late tick', async () => {
    const client = await watching('LIVE')
    const other = await watching('OTHER')
    await feedTicks(deployment, ticks('LIVE', [0, 1, 30, 61, 62, 125, 126, 190]))
    await feedTicks(deployment, ticks('LIVE', [191, 100]))
    const expected = await written('LIVE')
    await waitFor(() => {
      const got = new Set(client.records.map(keyOf))
      return expected.every((key) => got.has(key))
    }, 'all that is written to be sent')
    const bars = client.records
      .filter(({ type }) => type === 'bar')
      .map((each) => barRecordSchema.parse(each))
    const late = bars.filter(({ timestamp }) => timestamp === '2025-10-10T14:33:00Z')
    // A bar may come again; each revision is there, and the lower one first.
    const counts = late.map(({ revision, trade_count: count }) => `revision ${revision}, ${count} trades`)
    expect([...new Set(counts)]).toEqual(['revision 1, 2 trades', 'revision 2, 3 trades'])
    const rows = (await readRows(deployment.readOnlyUrl)).filter(({ symbol }) => symbol === 'LIVE')
    expect(rows.length).toBe(4)
    for (const { trade_count: count, revision, ...row } of rows)
      expect(bars.find((bar) => keyOf(bar) === keyOf({ type: 'bar', ...row, revision }))).toMatchObject({
        ...row,
        trade_count: Number(count),
      })
    expect(client.records.some(({ type }) => type === 'indicators')).toBe(true)
    expect(other.records).toEqual([])
  })

  it('that asks for live ticks gets the prices of the forming bar', async () => {
    const client = await startWatching(deployment, { symbols: ['TICK'], types: ['ticks'] })
    clients = [...clients, client]
    const { environment } = deployment.runtime
    const publisher = createPublisher({
      kinesis: kinesisPort(createKinesisClient(environment)),
      stream: deployment.ticksStream,
      source: 'test',
    })
    const put = (second: number) =>
      runFeed({ source: ticks('TICK', [second]), publisher, pace: 'full-speed' })
    // A new mapping begins at the newest record: the first ones may be before it.
    let second = 0
    await waitFor(async () => {
      await put(second++ % 60)
      return client.records.length > 0
    }, 'live ticks')
    expect(client.records[0]).toEqual({
      type: 'ticks',
      symbol: 'TICK',
      open: expect.stringMatching(/^10\d$/),
      high: expect.stringMatching(/^10\d$/),
      low: expect.stringMatching(/^10\d$/),
      close: expect.stringMatching(/^10\d$/),
      volume: expect.stringMatching(/^\d+(\.5)?$/),
      trades: expect.any(Number),
      time: expect.any(Number),
    })
    await publisher.close()
    await deployment.flush()
  })

  it('that is cut off connects again, subscribes again, and gets what comes then', async () => {
    const client = await watching('AGAIN')
    const environment = await deployedEnvironment('broadcaster', {
      stage: 'local',
      environment: deployment.runtime.environment,
    })
    const own = { region: 'us-east-1', credentials }
    const table = new DynamoDBClient({
      ...own,
      endpoint: deployment.runtime.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '',
    })
    const api = new ApiGatewayManagementApiClient({
      ...own,
      endpoint: environment['AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI'] ?? '',
    })
    const { Items = [] } = await table.send(new ScanCommand({ TableName: environment['CONNECTIONS_TABLE'] }))
    const id = Items.find(({ subscriptions }) => subscriptions?.S?.includes('AGAIN'))?.['connectionId']?.S
    await api.send(new DeleteConnectionCommand({ ConnectionId: id }))
    await waitFor(() => client.states.length === 3, 'the client to be subscribed again')
    expect(client.states.map(({ type }) => type)).toEqual(['subscribed', 'ended', 'subscribed'])
    await feedTicks(deployment, ticks('AGAIN', [0, 61]))
    await waitFor(() => client.records.length >= 4, 'the bars to be sent')
    // Its first connection is forgotten when it ends, and what was sent on it went nowhere.
    const { Items: left = [] } = await table.send(
      new ScanCommand({ TableName: environment['CONNECTIONS_TABLE'] }),
    )
    expect(left.filter(({ subscriptions }) => subscriptions?.S?.includes('AGAIN'))).toHaveLength(1)
  })

  it('without the key is refused', async () => {
    const refused = startWatching(
      { ...deployment, api: { ...deployment.api, key: 'wrong' } },
      { symbols: ['A'] },
    )
    await expect(refused).rejects.toThrow(/^cannot watch ws:.*is the key right/)
  })

  it('that asks for what there is not is told what there is', async () => {
    await expect(startWatching(deployment, { symbols: ['A;B'] })).rejects.toThrow(
      'the subscription is refused: symbols[0] is "A;B": allowed are 1 to 64 letters',
    )
  })
})

describe('npm run watch', () => {
  it('prints each record as a line, finds the API by the endpoint, and ends by Ctrl-C', async () => {
    const child = spawn(
      process.execPath,
      [COMMAND_LINE, 'watch', '--key', deployment.api.key, '--symbols', 'LINE', '--types', 'bar,indicators'],
      { env: { PATH: process.env['PATH'], ...deployment.runtime.environment } },
    )
    let [printed, told] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
    await waitFor(() => told.includes('watching LINE at ws://'), 'the command to be subscribed')
    await feedTicks(deployment, ticks('LINE', [0]))
    await waitFor(() => printed.includes('indicators'), 'the lines')
    expect(printed.split('\n')[0]).toBe(
      'bar         LINE    2025-10-10T14:32:00Z  r1  open 100  high 100  low 100  close 100  volume 1.5  notional 150  vwap 100  trade_count 1  complete null',
    )
    expect(printed).toMatch(/\nindicators {2}LINE {4}2025-10-10T14:32:00Z {2}r1 .* vwap 100\b/)
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    expect(await ended).toBe(0)
  })
})
