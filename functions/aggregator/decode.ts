import type { KinesisStreamRecord } from 'aws-lambda'

import { countOf, isSymbol } from '../domain/trade.ts'
import { isCompact } from '../shared/streams/compact-record.ts'
import { arrivalOf } from '../shared/streams/record-origin.ts'
import type { ParseRecord } from '../shared/streams/consume.ts'
import { parseTrades } from './parse-trades.ts'
import { type ParsedRecord, refused } from './parsed-record.ts'
import { CompactScanner } from './scan-compact.ts'
import { TradeScanner } from './scan-trades.ts'
import { TradeBuffer } from './trade-buffer.ts'
import { isPacked, jsonOf, type Unpacked, UnpackError, unpackRecord } from './unpack-record.ts'

/** Whether the prices of a symbol may be zero or below. */
export type AllowsNonPositive = (symbol: string) => boolean

/** The fewest characters of base64 that a trade takes in a batch of JSON, and in a compact record. */
const CHARACTERS_PER_TRADE = { json: 32, compact: 4 } as const
/** Those that a record takes beside its first trade. */
const CHARACTERS_PER_RECORD = 64
/** The magic of a compact record in base64. */
const COMPACT = '/1RL'

/**
 * The parser of a batch of the stream `ticks`: the fast scanner, and the careful reader for what the scanner does not
 * read. It never throws: what is wrong with a record is among its rejections, since the rest of the record may be good.
 *
 * A trade may be a minute ahead of the arrival of its record, which every delivery agrees on. An arrival ahead of the
 * reader's own clock is none to go by: the stream's clock was ahead, or was set back since. There the reader's clock counts.
 *
 * @param options.now the wall clock, in Unix milliseconds. @default later than any arrival
 */
export function createTickParser(
  records: readonly KinesisStreamRecord[],
  allowsNonPositive: AllowsNonPositive,
  { now = Infinity }: { readonly now?: number } = {},
): ParseRecord<ParsedRecord> {
  let trades = records.length
  for (const { kinesis } of records) {
    const { data } = kinesis
    const characters = Math.max(0, data.length - CHARACTERS_PER_RECORD)
    trades += characters / CHARACTERS_PER_TRADE[data.startsWith(COMPACT) ? 'compact' : 'json']
  }
  const buffer = new TradeBuffer(Math.ceil(trades))
  const scanner = new TradeScanner(buffer)
  const compact = new CompactScanner(buffer)
  const scannerOf = (bytes: Uint8Array, start: number) => (isCompact(bytes, start) ? compact : scanner)
  const keys = new Map<string, { readonly isSymbol: boolean; readonly allowsNonPositive: boolean }>()
  const keyOf = (partitionKey: string) => {
    const known = keys.get(partitionKey)
    if (known !== undefined) return known
    const made = { isSymbol: isSymbol(partitionKey), allowsNonPositive: allowsNonPositive(partitionKey) }
    keys.set(partitionKey, made)
    return made
  }
  const read = ({ partitionKey, bytes }: Unpacked, arrivedAt: number): ParsedRecord => {
    const { isSymbol: mayScan, allowsNonPositive: allows } = keyOf(partitionKey)
    const origin = { partitionKey, arrivedAt, allowsNonPositive: allows }
    const payload = { bytes: asBuffer(bytes), start: 0, end: bytes.length }
    const plain = mayScan ? scannerOf(bytes, 0).scan(payload, origin) : undefined
    return plain ?? parseTrades(jsonOf(bytes), origin)
  }
  return (payload, record) => {
    const { kinesis } = record
    const { partitionKey } = kinesis
    const arrivedAt = Math.min(arrivalOf(record), now)
    const { isSymbol: mayScan, allowsNonPositive: allows } = keyOf(partitionKey)
    if (mayScan) {
      const origin = { partitionKey, arrivedAt, allowsNonPositive: allows }
      const plain = scannerOf(payload.bytes, payload.start).scan(payload, origin)
      if (plain !== undefined) return [plain]
    }
    const whole = { partitionKey, bytes: payload.bytes.subarray(payload.start, payload.end) }
    try {
      if (!isPacked(whole.bytes)) return [read(whole, arrivedAt)]
      const texts = unpackRecord(whole)
      if (texts[0]?.bytes === whole.bytes) return [read(whole, arrivedAt)]
      return withPlaces(texts.map((each) => [each, read(each, arrivedAt)]))
    } catch (error) {
      if (!(error instanceof UnpackError)) throw error
      return [refused('damaged', error.message)]
    }
  }
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** Items of one record: places are counted through all of them, and what is rejected as a whole has its own text. */
function withPlaces(items: readonly (readonly [Unpacked, ParsedRecord])[]): ParsedRecord[] {
  let before = 0
  return items.map(([{ bytes }, item]) => {
    const rejections = item.rejections.map((each) =>
      each.index === undefined ? { ...each, tick: jsonOf(bytes) } : { ...each, index: before + each.index },
    )
    before += countOf(item.trades) + rejections.length
    return { ...item, rejections }
  })
}
