import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { startPostgres } from 'embedded-aws/postgres'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { parseDecimal } from '../../functions/domain/decimal.ts'
import { plainFold } from '../../bin/stage/verify/plain-fold.ts'
import { type RecordedTrade, toTrade } from '../support/trades.ts'
import { preparedData } from './support/data-folder.ts'
import { calls, type HoldingProxy, startHoldingProxy } from './support/holding-proxy.ts'
import { readRows } from './support/replay-into.ts'
import { readBarRecords, readSignals, signalsOf } from './support/signal-rows.ts'
import { waitFor } from './support/wait-for.ts'

/** Enough for an indicator of 20 bars, and for a pattern. */
const MINUTES = 30
const PER_RECORD = 5
const AGGREGATOR = 'tickstock-local-aggregator'
const ANALYTICS = 'tickstock-local-analytics'
const BAR_WRITER = 'tickstock-local-bar-writer'
const OUTAGE_MS = 10_000
const T = 1_760_106_720

/** Trades every 3 s for some minutes, with a price that tells minutes and trades apart. */
function tradesOf(symbol: string): RecordedTrade[] {
  return Array.from({ length: MINUTES * 20 }, (_, index) => ({
    symbol,
    timestamp: `${T + index * 3}.25`,
    price: `${100 + (index % 37)}.${String(index).padStart(4, '0')}`,
    volume: `${(index * 7) % 50}.00000001`,
  }))
}

let data: string
let deployment: Deployment
let kinesis: KinesisClient
/** Before the streams, the tables and the buckets, as the functions see them. */
let proxies: Readonly<Record<'kinesis' | 'dynamodb' | 's3', HoldingProxy>>

beforeAll(async () => {
  data = await preparedData()
  proxies = {
    kinesis: await startHoldingProxy(),
    dynamodb: await startHoldingProxy(),
    s3: await startHoldingProxy(),
  }
  deployment = await startDeployment({
    data,
    durability: 'full',
    environment: {
      AWS_ENDPOINT_URL_KINESIS: proxies.kinesis.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: proxies.dynamodb.endpoint,
      AWS_ENDPOINT_URL_S3: proxies.s3.endpoint,
    },
  })
  const { environment } = deployment.runtime
  for (const [service, proxy] of Object.entries(proxies))
    proxy.pointTo(environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? '')
  kinesis = new KinesisClient({ ...clientOf(deployment), requestHandler: new NodeHttpHandler() })
})

afterAll(async () => {
  await deployment.stop()
  for (const proxy of Object.values(proxies)) await proxy.close()
  rmSync(data, { recursive: true, force: true })
})

function clientOf({ runtime }: Deployment) {
  return {
    endpoint: runtime.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }
}

/** Puts each symbol's trades, a record of each at a time; `between` runs after a share of them. */
async function put(
  symbols: readonly string[],
  between: (share: number) => Promise<void> = async () => {},
): Promise<void> {
  const records = symbols.map((symbol) => recordsOf(symbol))
  const count = records[0]?.length ?? 0
  for (let index = 0; index < count; index++) {
    await putRecords(records.flatMap((each) => each.slice(index, index + 1)))
    await between((index + 1) / count)
  }
}

function recordsOf(symbol: string): { PartitionKey: string; Data: Buffer }[] {
  const trades = tradesOf(symbol)
  return Array.from({ length: trades.length / PER_RECORD }, (_, index) => {
    const ticks = trades
      .slice(index * PER_RECORD, (index + 1) * PER_RECORD)
      .map(({ timestamp, price, volume }) => [timestamp, price, volume])
    const record = { symbol, source: 'test', sequence: index + 1, ticks }
    return { PartitionKey: symbol, Data: Buffer.from(JSON.stringify(record)) }
  })
}

async function putRecords(
  Records: { PartitionKey: string; Data: Buffer }[],
  StreamName = deployment.ticksStream,
): Promise<void> {
  const { FailedRecordCount } = await kinesis.send(new PutRecordsCommand({ StreamName, Records }))
  expect(FailedRecordCount ?? 0).toBe(0)
}

/** The objects of the dead-letter bucket. */
async function deadLetters(): Promise<string[]> {
  const { s3, Bucket, Contents } = await listDeadLetters()
  const objects = Contents.map(({ Key }) => s3.send(new GetObjectCommand({ Bucket, Key })))
  return await Promise.all(
    objects.map(async (object) => (await (await object).Body?.transformToString()) ?? ''),
  )
}

async function emptyDeadLetters(): Promise<void> {
  const { s3, Bucket, Contents } = await listDeadLetters()
  for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket, Key }))
}

async function listDeadLetters() {
  const s3 = new S3Client({ ...clientOf(deployment), forcePathStyle: true })
  const Bucket = deployment.runtime.outputs['DeadLetterBucket']
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }))
  return { s3, Bucket, Contents }
}

/** Records that the function has not settled, of all streams that it reads. */
function lagOf(name: string): number {
  return deployment.runtime
    .lag()
    .filter(({ functionName }) => functionName === name)
    .reduce((sum, { records }) => sum + records, 0)
}

async function errorsOf(name: string): Promise<number> {
  return (await deployment.runtime.functions())[name]?.errors ?? 0
}

/** Kills a function that is known to be in the middle of an invocation. */
async function killInMidBatch(name: string): Promise<void> {
  const errors = await errorsOf(name)
  await deployment.runtime.killFunction(name)
  await waitFor(async () => (await errorsOf(name)) > errors, 'the invocation to end as an error')
}

/** Everything is in the database, once, with what comes of it, and nothing was given up. */
async function expectAll(symbols: readonly string[]): Promise<void> {
  await expectAllBars(symbols)
  expect(await readSignals(deployment.readOnlyUrl)).toEqual(
    signalsOf(await readBarRecords(deployment.readOnlyUrl)),
  )
  expect(await deadLetters()).toEqual([])
}

/** Every bar is in the database, once. */
async function expectAllBars(symbols: readonly string[]): Promise<void> {
  expect(await deployment.flush()).toEqual({ signals: 'complete' })
  const rows = await readRows(deployment.readOnlyUrl)
  for (const symbol of symbols) {
    const expected = [...plainFold(tradesOf(symbol).map(toTrade)).values()]
    const found = rows.filter((row) => row.symbol === symbol)
    expect(
      found.map((row) => ({
        timestamp: row.timestamp,
        numbers: [row.open, row.high, row.low, row.close, row.volume, row.vwap ?? ''].map((text) =>
          parseDecimal(text),
        ),
        trades: Number(row.trade_count),
      })),
    ).toEqual(
      expected.map((bar) => ({
        timestamp: new Date(bar.start * 1000).toISOString().replace('.000', ''),
        numbers: [bar.open, bar.high, bar.low, bar.close, bar.volume, bar.vwap ?? ''].map((text) =>
          parseDecimal(text),
        ),
        trades: bar.tradeCount,
      })),
    )
  }
}

const names = (prefix: string): string[] => Array.from({ length: 6 }, (_, index) => `${prefix}${index}`)

describe('nothing is lost and nothing doubled when', () => {
  it('the aggregator is killed again and again', async () => {
    const symbols = names('KILL')
    let kills = 0
    await put(symbols, async (share) => {
      if (Math.floor(share * 10) <= kills) return
      kills++
      await deployment.runtime.killFunction(AGGREGATOR)
    })
    await expectAll(symbols)
    expect(kills).toBe(10)
  })

  it.each([
    { part: AGGREGATOR, after: 'load', at: 'dynamodb', operation: 'BatchGetItem', of: /minute-state"/ },
    // With a bar in the outbox, the last of the state.
    {
      part: AGGREGATOR,
      after: 'commit',
      at: 'dynamodb',
      operation: 'BatchExecuteStatement',
      of: /^(?=.*minute-state).*\]{4}"/,
    },
    { part: AGGREGATOR, after: 'emit', at: 'kinesis', operation: 'PutRecords', of: /local-bars"/ },
    { part: ANALYTICS, after: 'load', at: 'dynamodb', operation: 'BatchGetItem', of: /indicator-state"/ },
    { part: ANALYTICS, after: 'emit', at: 'kinesis', operation: 'PutRecords', of: /local-signals"/ },
    {
      part: ANALYTICS,
      after: 'commit',
      at: 'dynamodb',
      operation: 'BatchExecuteStatement',
      of: /indicator-state/,
    },
  ] as const)(
    '$part is killed in mid-batch, when its $after has been carried out and not answered',
    async ({ part, after, at, operation, of }) => {
      const symbols = names(`${part.slice(-9)}-${after}-`)
      // What is in flight from the test before is not to be caught.
      await deployment.runtime.killFunction(part)
      const answered = proxies[at].hold(calls(operation, of))
      const putting = put(symbols)
      await waitFor(answered.isHeld, `the ${after}`)
      await killInMidBatch(part)
      answered.release()
      await putting
      await expectAll(symbols)
    },
  )

  describe('the bar-writer is killed in mid-batch,', () => {
    let superuser: Client

    beforeAll(async () => {
      superuser = new Client({ ...deployment.postgres.superuser, database: 'tickstock' })
      await superuser.connect()
    })
    afterAll(() => superuser.end())

    const LOCK = (table: string) => `BEGIN; LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`

    /** Process ids of the sessions whose statements wait for a lock. */
    async function waiting(): Promise<number[]> {
      const { rows } = await superuser.query(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'bar-writer' AND wait_event_type = 'Lock'`,
      )
      return z
        .array(z.object({ pid: z.int() }))
        .parse(rows)
        .map(({ pid }) => pid)
    }

    /** Kills it while its statements to a table wait for a lock; `meanwhile` runs before they get it. */
    async function killAtLock(table: string, symbols: readonly string[], meanwhile = async () => {}) {
      await superuser.query(LOCK(table))
      const putting = put(symbols)
      try {
        await waitFor(async () => (await waiting()).length > 0, 'a statement that waits for the lock')
        await killInMidBatch(BAR_WRITER)
        await meanwhile()
      } finally {
        await superuser.query('ROLLBACK')
      }
      await putting
    }

    it('its statement never ends', async () => {
      const symbols = names('NEVER')
      await killAtLock('ohlcv_1min', symbols, async () => {
        for (const pid of await waiting()) await superuser.query('SELECT pg_terminate_backend($1)', [pid])
      })
      await expectAll(symbols)
    })

    it('its statement ends after it, beside the one of the batch that came again', async () => {
      const symbols = names('AFTER')
      await killAtLock('ohlcv_1min', symbols)
      await expectAll(symbols)
    })

    it('between two statements of a batch', async () => {
      const symbols = names('BETWEEN')
      await killAtLock('intraday_patterns', symbols)
      await expectAll(symbols)
    })

    it('between the commit of its bars and its answer', async () => {
      const symbols = names('COMMITTED')
      const [symbol = ''] = symbols
      // While nothing can be written the bars gather, with a record that it has to put aside after it has written them.
      await superuser.query(LOCK('ohlcv_1min'))
      await put(symbols, async (share) => {
        if (share !== 0.5) return
        const poison = [{ PartitionKey: symbol, Data: Buffer.from('no bar') }]
        await putRecords(poison, deployment.runtime.outputs['BarsStream'])
      })
      await waitFor(() => lagOf(AGGREGATOR) === 0, 'the bars to be on their stream')
      const stored = proxies.s3.hold(
        ({ method, path }) => method === 'PUT' && path.endsWith('.unreadable.ndjson'),
      )
      await superuser.query('ROLLBACK')
      await waitFor(stored.isHeld, 'the record to be put aside')
      const committed = (await readRows(deployment.readOnlyUrl)).filter((row) => row.symbol === symbol)
      expect(committed.length).toBeGreaterThan(MINUTES / 4)
      await killInMidBatch(BAR_WRITER)
      stored.release()
      await expectAllBars(symbols)
      expect(await deadLetters()).toEqual([expect.stringContaining('not JSON: no bar')])
      await emptyDeadLetters()
    })
  })

  it('shards are split and merged in mid-stream', async () => {
    const symbols = names('SHARD')
    const { streams } = deployment.runtime
    const stream = deployment.ticksStream
    let resharded = 0
    await put(symbols, async (share) => {
      const open = streams.listShards(stream).filter(({ closed }) => !closed)
      const [first, second] = open
      if (first === undefined || second === undefined) throw new Error('the stream has lost its shards')
      if (share >= 0.3 && resharded === 0) {
        streams.splitShard(stream, first.shardId, 2n ** 126n)
        resharded++
      } else if (share >= 0.6 && resharded === 1) {
        const parts = streams
          .listShards(stream)
          .filter((shard) => !shard.closed && shard.parentShardIds.length > 0)
        streams.mergeShards(stream, parts[0]?.shardId ?? '', parts[1]?.shardId ?? '')
        resharded++
      }
    })
    await expectAll(symbols)
    expect(resharded).toBe(2)
  })

  it('Postgres is stopped for ten seconds and started again, while ticks go on', async () => {
    const symbols = names('AWAY')
    const { port } = deployment.postgres
    const refusedBefore = await errorsOf(BAR_WRITER)
    let stoppedAt = 0
    const stopped = (share: number) => () => Date.now() - stoppedAt >= OUTAGE_MS * share
    await put(symbols, async (share) => {
      if (share === 0.5) {
        stoppedAt = Date.now()
        await deployment.postgres.stopAbruptly()
      } else if (share > 0.5) await waitFor(stopped(share * 2 - 1), 'the outage to go on')
    })
    await waitFor(stopped(1), 'the outage to last')
    expect((await errorsOf(BAR_WRITER)) - refusedBefore).toBeGreaterThanOrEqual(5)
    await waitFor(() => lagOf(AGGREGATOR) === 0, 'the aggregator, which needs no database')
    expect(lagOf(BAR_WRITER)).toBeGreaterThan(0)
    const again = await startPostgres({ folder: join(data, 'postgres'), port })
    deployment = {
      ...deployment,
      postgres: again,
      stop: async () => (await deployment.runtime.stop(), again.stop()),
    }
    await expectAll(symbols)
  })

  it('a producer puts again what had been put', async () => {
    const symbols = names('AGAIN')
    await put(symbols)
    await put(symbols)
    await expectAll(symbols)
  })

  it('a poison record lies between good ones; it is in the dead-letter bucket with its reason', async () => {
    const symbols = names('POISON')
    await put(symbols, async (share) => {
      if (share === 0.5)
        await putRecords([
          { PartitionKey: 'POISON0', Data: Buffer.from('\u0000 no json') },
          {
            PartitionKey: 'POISON1',
            Data: Buffer.from('{"symbol":"POISON1","price":-1,"volume":1,"timestamp":1760106735}'),
          },
        ])
    })
    await expectAllBars(symbols)
    const lines = await deadLetters()
    expect(lines.join('')).toMatch(/"reason":"not-json"/)
    expect(lines.join('')).toMatch(/"reason":"bad-price","detail":"price \\"-1\\" is negative/)
    expect(lines.join('').trim().split('\n')).toHaveLength(2)
  })
})
