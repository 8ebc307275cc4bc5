import { MAX_AHEAD_SECONDS, NO_ID } from '../domain/trade.ts'
import type { ByteCursor } from './byte-cursor.ts'
import { CLOSE_OBJECT } from './json-characters.ts'
import type { ParsedRecord, RecordOrigin } from './parsed-record.ts'
import { PlainNumbers } from './plain-numbers.ts'
import type { TradeBuffer } from './trade-buffer.ts'

const NO_REJECTIONS: readonly never[] = []
const NOTHING_ELSE = { source: undefined, line: undefined, contiguous: undefined, tape: undefined }
const numbers = new PlainNumbers()

/** A record of one trade as the documentation shows it. */
export function readPlainTrade(
  cursor: ByteCursor,
  buffer: TradeBuffer,
  origin: RecordOrigin,
): ParsedRecord | undefined {
  const { at: start, bytes, view } = cursor
  const { partitionKey, arrivedAt } = origin
  const { length } = partitionKey
  if (start + length + MAX_PLAIN > bytes.length) return undefined
  if (!hasLetters(view, start, SYMBOL)) return undefined
  let at = start + SYMBOL.length
  for (let index = 0; index < length; index++)
    if (bytes[at + index] !== partitionKey.charCodeAt(index)) return undefined
  at += length
  if (!hasLetters(view, at, PRICE)) return undefined
  at = numbers.amount(bytes, at + PRICE.length)
  const price = numbers.units
  const priceScale = numbers.scale
  if (at < 0 || price === 0 || !hasLetters(view, at, VOLUME)) return undefined
  at = numbers.amount(bytes, at + VOLUME.length)
  const volume = numbers.units
  const volumeScale = numbers.scale
  if (at < 0 || !hasLetters(view, at, TIMESTAMP)) return undefined
  at = numbers.time(bytes, at + TIMESTAMP.length, Math.floor(arrivedAt / 1000) + MAX_AHEAD_SECONDS)
  if (at < 0 || bytes[at] !== CLOSE_OBJECT || at !== cursor.end - 1) return undefined
  if (!buffer.add(numbers.seconds, numbers.nanos, price, priceScale, volume, volumeScale, NO_ID)) {
    buffer.begin()
    return undefined
  }
  return {
    symbol: partitionKey,
    producer: undefined,
    line: undefined,
    type: 'trade',
    trades: buffer.end(),
    rejections: NO_REJECTIONS,
    said: NOTHING_ELSE,
  }
}

/** More bytes than a plain record of one trade has beside its symbol. */
const MAX_PLAIN = 128
/** Letters as numbers of four bytes, of which the last may overlap the one before. */
type Letters = { readonly length: number; readonly words: Int32Array }

function lettersOf(text: string): Letters {
  const bytes = new TextEncoder().encode(text)
  const view = new DataView(bytes.buffer)
  const words = Int32Array.from({ length: Math.ceil(bytes.length / 4) }, (_, index) =>
    view.getInt32(Math.min(4 * index, bytes.length - 4), true),
  )
  return { length: bytes.length, words }
}

function hasLetters(view: DataView, at: number, { length, words }: Letters): boolean {
  const last = words.length - 1
  for (let index = 0; index < last; index++)
    if (view.getInt32(at + 4 * index, true) !== words[index]) return false
  return view.getInt32(at + length - 4, true) === words[last]
}

const SYMBOL = lettersOf('{"symbol":"')
const PRICE = lettersOf('","price":')
const VOLUME = lettersOf(',"volume":')
const TIMESTAMP = lettersOf(',"timestamp":')
