import { rmSync } from 'node:fs'

import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { type DeployedFlags, deployedFlags } from '../../bin/stage/flags.ts'
import type { Flag, FlagName } from '../../functions/shared/runtime/flag-names.ts'
import { preparedData } from './support/data-folder.ts'
import { readRows } from './support/replay-into.ts'
import { startWatching } from './support/watching.ts'
import { waitFor } from './support/wait-for.ts'

const AGGREGATOR = 'tickstock-local-aggregator'
const T = 1_760_106_720
const client = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
}

let data: string
let deployment: Deployment
let flags: DeployedFlags

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({ data, durability: 'none' })
  flags = deployedFlags('local', deployment.runtime.environment)
})

afterAll(async () => {
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

/** Turns a flag; a new worker hears of it at once. */
async function turn(name: FlagName, value: Flag): Promise<void> {
  await flags.set(name, value)
  for (const part of ['aggregator', 'sweeper', 'analytics', 'broadcaster'])
    await deployment.runtime.killFunction(`tickstock-local-${part}`)
}

async function put(symbol: string, seconds: readonly number[]): Promise<void> {
  const kinesis = new KinesisClient({
    ...client,
    endpoint: deployment.runtime.endpoint,
    requestHandler: new NodeHttpHandler(),
  })
  const Records = seconds.map((second) => ({
    PartitionKey: symbol,
    Data: Buffer.from(JSON.stringify({ symbol, price: '10', volume: '1', timestamp: T + second })),
  }))
  await kinesis.send(new PutRecordsCommand({ StreamName: deployment.ticksStream, Records }))
}

const invocations = async (name = AGGREGATOR) =>
  (await deployment.runtime.functions())[name]?.invocations ?? 0

/** Minute, trades and revision of each bar of a symbol. */
async function barsOf(symbol: string) {
  const rows = (await readRows(deployment.readOnlyUrl)).filter((row) => row.symbol === symbol)
  return rows.map((row) => [
    (Date.parse(row.timestamp) / 1000 - T) / 60,
    Number(row.trade_count),
    Number(row.revision),
  ])
}

/** Minutes of a symbol that have indicators. */
async function signalsOf(symbol: string): Promise<number> {
  const database = new Client(deployment.readOnlyUrl)
  await database.connect()
  try {
    const { rows } = await database.query(
      'SELECT count(*)::int AS count FROM indicator_values WHERE symbol = $1',
      [symbol],
    )
    return z.object({ count: z.int() }).parse(rows[0]).count
  } finally {
    await database.end()
  }
}

async function deadLetters(): Promise<string> {
  const s3 = new S3Client({ ...client, endpoint: deployment.runtime.endpoint, forcePathStyle: true })
  const Bucket = deployment.runtime.outputs['DeadLetterBucket']
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }))
  const texts = await Promise.all(
    Contents.map(
      async ({ Key }) =>
        (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString() ?? '',
    ),
  )
  return texts.join('')
}

it('every flag is on at first', async () => {
  expect([...(await flags.list())]).toEqual([
    ['aggregation', 'on'],
    ['late-corrections', 'on'],
    ['archive', 'on'],
    ['analytics', 'on'],
    ['broadcast', 'on'],
    ['live-ticks', 'on'],
  ])
})

describe('while aggregation is off', () => {
  it('ticks stay on the stream and no minute closes; nothing is lost when it is on again', async () => {
    await put('BEFORE', [0, 1])
    await deployment.settle()
    await turn('aggregation', 'off')
    const before = await invocations()
    await put('OFF', [0, 30, 61, 62, 130])
    await waitFor(async () => (await invocations()) > before + 3, 'the ticks to be refused some times')
    const sweeper = deployment.runtime.outputs['SweeperFunction'] ?? ''
    expect(await deployment.runtime.invoke(sweeper, { type: 'sweep' })).toMatchObject({
      payload: { completed: 0, revised: 0 },
    })
    expect(await deployment.runtime.invoke(sweeper, { type: 'flush' })).toMatchObject({
      type: 'error',
      error: { errorMessage: expect.stringContaining('npx tickstock flag aggregation on') },
    })
    const lag = deployment.runtime.lag().filter(({ functionName }) => functionName.endsWith('-aggregator'))
    expect(lag.reduce((sum, { records }) => sum + records, 0)).toBe(5)
    expect(await readRows(deployment.readOnlyUrl)).toEqual([])

    await turn('aggregation', 'on')
    await deployment.flush()
    expect(await barsOf('BEFORE')).toEqual([[0, 2, 1]])
    expect(await barsOf('OFF')).toEqual([
      [0, 2, 1],
      [1, 2, 1],
      [2, 1, 1],
    ])
    expect(await deadLetters()).toBe('')
  })
})

describe('while late corrections are off', () => {
  it('a late tick lies in the dead-letter bucket with the reason, and its neighbours become bars', async () => {
    await turn('late-corrections', 'off')
    await put('LATE', [0, 61, 30, 62])
    await deployment.flush()
    expect(await barsOf('LATE')).toEqual([
      [0, 1, 1],
      [1, 2, 1],
    ])
    expect(JSON.parse(await deadLetters())).toMatchObject({
      reason: 'corrections-off',
      detail: expect.stringContaining('turn the flag late-corrections on'),
      partitionKey: 'LATE',
      payload: `[${T + 30},"10","1"]`,
    })
    await turn('late-corrections', 'on')
    await put('LATE', [31])
    await deployment.flush()
    expect(await barsOf('LATE')).toContainEqual([0, 2, 2])
  })
})

describe('while analytics is off', () => {
  it('bars are written without signals, which are made up for when it is on again', async () => {
    const analytics = 'tickstock-local-analytics'
    await deployment.settle()
    await turn('analytics', 'off')
    await put('QUIET', [0, 61, 130])
    await deployment.runtime.idle({ except: [analytics] })
    await deployment.runtime.invoke(deployment.runtime.outputs['SweeperFunction'] ?? '', { type: 'flush' })
    await deployment.runtime.idle({ except: [analytics] })
    expect(await barsOf('QUIET')).toHaveLength(3)
    expect(await signalsOf('QUIET')).toBe(0)

    await turn('analytics', 'on')
    expect(await deployment.flush()).toEqual({ signals: 'complete' })
    expect(await signalsOf('QUIET')).toBe(3)
  })
})

describe('while broadcasting is off', () => {
  it('bars are written and no client is sent any, though it can connect; each revision is sent when it is on again', async () => {
    const BROADCASTER = 'tickstock-local-broadcaster'
    await deployment.runtime.idle()
    const before = await startWatching(deployment, { symbols: ['SILENT'] })
    await turn('broadcast', 'off')
    const during = await startWatching(deployment, { symbols: ['*'] })
    const invoked = await invocations(BROADCASTER)
    await put('SILENT', [0, 61, 130])
    await deployment.flush()
    await put('SILENT', [62])
    await deployment.flush()
    expect(await barsOf('SILENT')).toEqual([
      [0, 1, 1],
      [1, 2, 2],
      [2, 1, 1],
    ])
    expect(await signalsOf('SILENT')).toBe(3)
    await waitFor(async () => (await invocations(BROADCASTER)) > invoked + 3, 'the records to be refused')
    expect([before.records, during.records]).toEqual([[], []])

    await turn('broadcast', 'on')
    await deployment.runtime.idle()
    const sent = (type: string, minute: number, revision: number) =>
      expect.objectContaining({
        type,
        symbol: 'SILENT',
        timestamp: new Date((T + 60 * minute) * 1000).toISOString().replace('.000Z', 'Z'),
        revision,
      })
    for (const { records } of [before, during])
      for (const type of ['bar', 'indicators']) {
        const own = records.filter((record) => record.type === type)
        // The late tick corrects the second minute, and with it what came of the minutes behind.
        for (const [minute, revision] of [
          [0, 1],
          [1, 1],
          [2, 1],
          [1, 2],
        ] as const)
          expect(own).toContainEqual(sent(type, minute, revision))
      }
    // The aggregator, whose worker was killed, says again what it does not know to be on the stream.
    const bars = before.records.filter(({ type }) => type === 'bar')
    const once = [
      ...new Map(bars.map((bar) => [`${bar.timestamp} ${String(bar['revision'])}`, bar])).values(),
    ]
    expect(once).toEqual([sent('bar', 0, 1), sent('bar', 1, 1), sent('bar', 2, 1), sent('bar', 1, 2)])
    for (const each of [before, during]) await each.stop()
    expect(await deadLetters()).not.toContain('SILENT')
  })
})
