import type { KinesisStreamRecord } from 'aws-lambda'

import { countOf, isSymbol, type TradeRun } from '../domain/trade.ts'
import type { RejectedRecord } from '../shared/dead-letters/dead-letters.ts'
import { arrivalOf, shardOf } from '../shared/streams/record-origin.ts'
import type { Parsed, ParseRecord } from '../shared/streams/consume.ts'
import { type ParsedRecord, parseTrades, refused } from './parse-trades.ts'
import { TradeScanner } from './scan-trades.ts'
import { TradeBuffer } from './trade-buffer.ts'
import { isPacked, type Unpacked, UnpackError, unpackRecord } from './unpack-record.ts'

/** A batch of the stream `ticks` by symbol; within a symbol in the order of the shard. */
export type DecodedBatch = {
  readonly runs: ReadonlyMap<string, readonly TradeRun[]>
  readonly rejected: readonly RejectedRecord[]
}

/** Whether the prices of a symbol may be zero or below. */
export type AllowsNonPositive = (symbol: string) => boolean

/** The fewest characters of base64 that a trade takes in a batch. */
const CHARACTERS_PER_TRADE = 32

/**
 * The parser of a batch of the stream `ticks`: the fast scanner, and the careful reader for what the scanner does not
 * read. It never throws: what is wrong with a record is among its rejections, since the rest of the record may be good.
 */
export function createTickParser(
  records: readonly KinesisStreamRecord[],
  allowsNonPositive: AllowsNonPositive,
): ParseRecord<ParsedRecord> {
  let characters = 0
  for (const { kinesis } of records) characters += kinesis.data.length
  const scanner = new TradeScanner(new TradeBuffer(Math.ceil(characters / CHARACTERS_PER_TRADE)))
  const keys = new Map<string, { readonly isSymbol: boolean; readonly allowsNonPositive: boolean }>()
  const keyOf = (partitionKey: string) => {
    const known = keys.get(partitionKey)
    if (known !== undefined) return known
    const made = { isSymbol: isSymbol(partitionKey), allowsNonPositive: allowsNonPositive(partitionKey) }
    keys.set(partitionKey, made)
    return made
  }
  const read = ({ partitionKey, bytes }: Unpacked, arrivedAt: number): ParsedRecord => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    return parseTrades(text, { partitionKey, arrivedAt, ...keyOf(partitionKey) })
  }
  return (payload, record) => {
    const { kinesis } = record
    const { partitionKey } = kinesis
    const arrivedAt = arrivalOf(record)
    const key = keyOf(partitionKey)
    if (key.isSymbol) {
      const { allowsNonPositive: allows } = key
      const origin = { partitionKey, arrivedAt, allowsNonPositive: allows }
      const plain = scanner.scan(payload.bytes, payload.length, origin)
      if (plain !== undefined) return [plain]
    }
    const whole = { partitionKey, bytes: payload.bytes.subarray(0, payload.length) }
    if (!isPacked(whole.bytes)) return [read(whole, arrivedAt)]
    try {
      return withPlaces(unpackRecord(whole).map((each) => [each, read(each, arrivedAt)]))
    } catch (error) {
      if (!(error instanceof UnpackError)) throw error
      return [refused('damaged', error.message)]
    }
  }
}

/** Items of one record: places are counted through all of them, and what is rejected as a whole has its own text. */
function withPlaces(items: readonly (readonly [Unpacked, ParsedRecord])[]): ParsedRecord[] {
  let before = 0
  return items.map(([{ bytes }, item]) => {
    const rejections = item.rejections.map((each) =>
      each.index === undefined
        ? { ...each, tick: Buffer.from(bytes).toString('utf8') }
        : { ...each, index: before + each.index },
    )
    before += countOf(item.trades) + rejections.length
    return { ...item, rejections }
  })
}

/** Groups the trades of parsed records by symbol, and collects the rejections. */
export function groupTrades(records: readonly Parsed<ParsedRecord>[]): DecodedBatch {
  const runs = new Map<string, TradeRun[]>()
  const rejected = new Map<KinesisStreamRecord, RejectedRecord['rejections'][number][]>()
  for (const { record, item } of records) {
    if (item.rejections.length > 0)
      rejected.set(record, [...(rejected.get(record) ?? []), ...item.rejections])
    const count = countOf(item.trades)
    if (count === 0) continue
    const { symbol, producer, line, type, trades, replacements } = item
    const { sequenceNumber } = record.kinesis
    const shard = shardOf(record)
    const others = runs.get(symbol)
    const before = others?.at(-1)
    // Records that were put together may hold several of one symbol: they count as one, taken in chunks.
    const isSame = before?.sequenceNumber === sequenceNumber && before.shard === shard
    const skipped = isSame ? (before.skipped ?? 0) + countOf(before.trades) : 0
    const arrivedAt = arrivalOf(record)
    const run: TradeRun = {
      shard,
      sequenceNumber,
      arrivedAt,
      producer,
      line,
      type,
      skipped,
      trades,
      replacements,
      isLast: true,
    }
    if (others === undefined) runs.set(symbol, [run])
    else {
      if (isSame) others[others.length - 1] = { ...before, isLast: false }
      others.push(run)
    }
  }
  return { runs, rejected: [...rejected].map(([record, rejections]) => ({ record, rejections })) }
}
