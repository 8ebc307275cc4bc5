import type { KinesisStreamRecord } from 'aws-lambda'

import { Batcher, type SealedRecord } from '../feed/batcher.ts'
import type { Encoding } from '../feed/encode-record.ts'
import type { FeedTick } from '../feed/tick.ts'
import { createTickParser } from '../functions/aggregator/decode.ts'
import { countOf } from '../functions/domain/trade.ts'
import { parseBatch } from '../functions/shared/streams/consume.ts'
import { kinesisRecord } from '../test/support/kinesis-event.ts'
import { readTrades } from '../test/support/trades.ts'
import { fastest, type Figure } from './measure.ts'

const ROUNDS = 100
/** As replay batches, and about as a feed does that is put each 0.1 s. */
const BATCHES = [500, 60]

/** Compact records of the gold set beside those of JSON: bytes, and the time to write them and to read them into columns. */
export async function benchCompact(): Promise<Figure[]> {
  const ticks = readTrades('comex-gc-20131007')
  const figures: Figure[] = []
  for (const ofRecord of BATCHES) {
    const named = `batches of ${ofRecord}`
    const json = encode(ticks, 'json', ofRecord)
    const compact = encode(ticks, 'compact', ofRecord)
    const events = { json: json.map(eventOf), compact: compact.map(eventOf) }
    const read = await fastest(
      {
        json: () => decode(events.json),
        compact: () => decode(events.compact),
        bare: () => bareVarints(events.compact),
      },
      ROUNDS,
    )
    const written = await fastest(
      { json: () => encode(ticks, 'json', ofRecord), compact: () => encode(ticks, 'compact', ofRecord) },
      ROUNDS / 5,
    )
    const rate = (milliseconds = Infinity) => (ticks.length / milliseconds) * 1000
    figures.push(
      { name: `JSON, ${named}`, value: bytesOf(json) / ticks.length, unit: 'B/trade' },
      {
        name: `compact, ${named}`,
        value: bytesOf(compact) / ticks.length,
        unit: 'B/trade',
        aim: '<= 6',
      },
      { name: `JSON to columns, ${named}`, value: rate(read['json']), unit: 'trades/s' },
      { name: `compact to columns, ${named}`, value: rate(read['compact']), unit: 'trades/s' },
      {
        name: `compact / JSON to columns, ${named}`,
        value: (read['json'] ?? 0) / (read['compact'] ?? Infinity),
        unit: 'x',
        aim: '>= 5',
      },
      {
        name: `bare loop over its varints / JSON to columns, ${named}`,
        value: (read['json'] ?? 0) / (read['bare'] ?? Infinity),
        unit: 'x',
      },
      { name: `feed to JSON, ${named}`, value: rate(written['json']), unit: 'trades/s' },
      { name: `feed to compact, ${named}`, value: rate(written['compact']), unit: 'trades/s' },
    )
  }
  return figures
}

function encode(ticks: readonly FeedTick[], encoding: Encoding, maxTicksPerRecord: number): SealedRecord[] {
  const records: SealedRecord[] = []
  const options = {
    stream: 'ticks',
    source: 'replay-500-0123456789abcdef',
    line: undefined,
    startSequence: 1,
    encoding,
    maxTicksPerRecord,
    maxRecordBytes: 25_000,
    maxOpenTicks: Infinity,
  }
  const batcher = new Batcher(options, (record) => records.push(record))
  for (const tick of ticks) batcher.add(tick, 0)
  batcher.sealAll()
  return records
}

function eventOf({ data, partitionKey }: SealedRecord, sequence: number): KinesisStreamRecord {
  const made = kinesisRecord({ data: '', partitionKey, sequence, arrivedAt: Date.now() })
  return { ...made, kinesis: { ...made.kinesis, data: Buffer.from(data).toString('base64') } }
}

function decode(records: readonly KinesisStreamRecord[]): number {
  const parse = createTickParser(records, () => false)
  let trades = 0
  for (const { item } of parseBatch(records, parse).readable) trades += countOf(item.trades)
  return trades
}

/** The limit of the machine: the least that compact records need, base64 and each varint, without checksum, order or decimals. */
function bareVarints(records: readonly KinesisStreamRecord[]): number {
  let sum = 0
  for (const { kinesis } of records) {
    const bytes = Buffer.from(kinesis.data, 'base64')
    for (let at = 0; at < bytes.length;) {
      let [value, weight] = [0, 1]
      let byte = bytes[at++] ?? 0
      while (byte >= 128) {
        value += (byte - 128) * weight
        weight *= 128
        byte = bytes[at++] ?? 0
      }
      sum += value + byte * weight
    }
  }
  return sum
}

function bytesOf(records: readonly SealedRecord[]): number {
  return records.reduce((sum, { data }) => sum + data.length, 0)
}
