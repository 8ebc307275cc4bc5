import type { KinesisStreamRecord } from 'aws-lambda'

import { countOf, isSymbol } from '../domain/trade.ts'
import { arrivalOf } from '../shared/streams/record-origin.ts'
import type { ParseRecord } from '../shared/streams/consume.ts'
import { parseTrades } from './parse-trades.ts'
import { type ParsedRecord, refused } from './parsed-record.ts'
import { TradeScanner } from './scan-trades.ts'
import { TradeBuffer } from './trade-buffer.ts'
import { isPacked, type Unpacked, UnpackError, unpackRecord } from './unpack-record.ts'

export { groupTrades } from './group-trades.ts'

/** Whether the prices of a symbol may be zero or below. */
export type AllowsNonPositive = (symbol: string) => boolean

/** The fewest characters of base64 that a trade takes in a batch, and a record beside its first trade. */
const CHARACTERS_PER_TRADE = 32
const CHARACTERS_PER_RECORD = 64

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
  let characters = 0
  for (const { kinesis } of records) characters += Math.max(0, kinesis.data.length - CHARACTERS_PER_RECORD)
  const trades = records.length + Math.ceil(characters / CHARACTERS_PER_TRADE)
  const scanner = new TradeScanner(new TradeBuffer(trades))
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
    const plain = mayScan ? scanner.scan({ bytes, start: 0, end: bytes.length }, origin) : undefined
    if (plain !== undefined) return plain
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    return parseTrades(text, origin)
  }
  return (payload, record) => {
    const { kinesis } = record
    const { partitionKey } = kinesis
    const arrivedAt = Math.min(arrivalOf(record), now)
    const { isSymbol: mayScan, allowsNonPositive: allows } = keyOf(partitionKey)
    if (mayScan) {
      const origin = { partitionKey, arrivedAt, allowsNonPositive: allows }
      const plain = scanner.scan(payload, origin)
      if (plain !== undefined) return [plain]
    }
    const whole = { partitionKey, bytes: payload.bytes.subarray(payload.start, payload.end) }
    if (!isPacked(whole.bytes)) return [read(whole, arrivedAt)]
    try {
      const texts = unpackRecord(whole)
      if (texts[0]?.bytes === whole.bytes) return [read(whole, arrivedAt)]
      return withPlaces(texts.map((each) => [each, read(each, arrivedAt)]))
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
