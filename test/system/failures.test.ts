import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ListObjectsV2Command, GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/local/deployment.ts'
import { parseDecimal } from '../../functions/domain/decimal.ts'
import { startPostgres } from '../../localstack/embedded/postgres/start-postgres.ts'
import { plainFold } from '../../bin/verify/plain-fold.ts'
import { toTick, type Trade } from '../support/trades.ts'
import { readRows } from './support/replay-into.ts'
import { waitFor } from './support/wait-for.ts'

const MINUTES = 40
const PER_RECORD = 5
const AGGREGATOR = 'tickstock-local-aggregator'
const T = 1_760_106_720

/** Trades every 3 s for some minutes, with a price that tells minutes and trades apart. */
function tradesOf(symbol: string): Trade[] {
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

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  deployment = await startDeployment({ data, durability: 'full' })
  kinesis = new KinesisClient({ ...clientOf(deployment), requestHandler: new NodeHttpHandler() })
})

afterAll(async () => {
  await deployment.stop()
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

async function putRecords(Records: { PartitionKey: string; Data: Buffer }[]): Promise<void> {
  const { FailedRecordCount } = await kinesis.send(
    new PutRecordsCommand({ StreamName: deployment.ticksStream, Records }),
  )
  expect(FailedRecordCount ?? 0).toBe(0)
}

/** Everything is in the database, once. */
async function expectAllBars(symbols: readonly string[]): Promise<void> {
  await deployment.flush()
  const rows = await readRows(deployment.readOnlyUrl)
  for (const symbol of symbols) {
    const expected = [...plainFold(tradesOf(symbol).map(toTick)).values()]
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

const names = (prefix: string): string[] => Array.from({ length: 8 }, (_, index) => `${prefix}${index}`)

describe('nothing is lost and nothing doubled when', () => {
  it('the aggregator is killed in mid-batch, again and again', async () => {
    const symbols = names('KILL')
    let kills = 0
    await put(symbols, async (share) => {
      if (Math.floor(share * 10) <= kills) return
      kills++
      await deployment.runtime.killFunction(AGGREGATOR)
    })
    await expectAllBars(symbols)
    expect(kills).toBe(10)
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
    await expectAllBars(symbols)
    expect(resharded).toBe(2)
  })

  it('Postgres is away for a while', async () => {
    const symbols = names('AWAY')
    const { port } = deployment.postgres
    await put(symbols, async (share) => {
      if (share === 0.5) await deployment.postgres.stopAbruptly()
    })
    await waitFor(
      () => deployment.runtime.lag().some(({ records }) => records > 0),
      'bars to wait for the database',
    )
    const again = await startPostgres({ folder: join(data, 'postgres'), port })
    deployment = {
      ...deployment,
      postgres: again,
      stop: async () => (await deployment.runtime.stop(), again.stop()),
    }
    await expectAllBars(symbols)
  })

  it('a producer puts again what had been put', async () => {
    const symbols = names('AGAIN')
    await put(symbols)
    await put(symbols)
    await expectAllBars(symbols)
  })

  it('a poison record lies between good ones; it is in the dead-letter bucket with its reason', async () => {
    const symbols = names('POISON')
    await put(symbols, async (share) => {
      if (share === 0.5)
        await putRecords([
          { PartitionKey: 'POISON0', Data: Buffer.from('\u0000 no json') },
          {
            PartitionKey: 'POISON1',
            Data: Buffer.from('{"symbol":"POISON1","price":-1,"volume":1,"timestamp":1}'),
          },
        ])
    })
    await expectAllBars(symbols)
    const s3 = new S3Client({ ...clientOf(deployment), forcePathStyle: true })
    const Bucket = deployment.runtime.outputs['DeadLetterBucket']
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'rejected/' }))
    const lines = await Promise.all(
      Contents.map(async ({ Key }) =>
        (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString(),
      ),
    )
    expect(lines.join('')).toMatch(/"reason":"not-json"/)
    expect(lines.join('')).toMatch(/"reason":"bad-price","detail":"price \\"-1\\" is negative/)
    expect(lines).toHaveLength(2)
  })
})
