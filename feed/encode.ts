import { MAX_PARTITION_KEY_LENGTH } from './kinesis-port.ts'
import type { FeedTick, TickLine } from './tick.ts'

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/**
 * A tick as an element of a record's `ticks`: `[timestamp,price,volume]`, or with its id, conditions and side. What is a JSON
 * number stays the same text; anything else becomes a JSON string, so that the aggregator can reject it with its text.
 */
export function encodeTick(tick: FeedTick): string {
  const amounts = `${encodeNumber(tick.timestamp)},${encodeNumber(tick.price)},${encodeNumber(tick.volume)}`
  const id = tick.id === undefined ? undefined : encodeNumber(tick.id)
  const said = tick.conditions === undefined ? undefined : conditionsOf(tick.conditions)
  if (tick.side !== undefined) return `[${amounts},${id ?? 'null'},${said ?? 'null'},"${tick.side}"]`
  if (said !== undefined) return `[${amounts},${id ?? 'null'},${said}]`
  return id === undefined ? `[${amounts}]` : `[${amounts},${id}]`
}

/** Bytes of a tick as {@link encodeTick} writes it, without its side. */
export function tickBytes({ timestamp, price, volume, id, conditions }: FeedTick): number {
  // Brackets and two commas; then a comma each, and null for an id that is missing before conditions.
  const amounts = numberBytes(timestamp) + numberBytes(price) + numberBytes(volume) + 4
  const said = conditions === undefined ? 0 : Buffer.byteLength(conditionsOf(conditions)) + 1
  if (id !== undefined) return amounts + numberBytes(id) + 1 + said
  return conditions === undefined ? amounts : amounts + 'null,'.length + said
}

/** Bytes by which its side makes a tick longer. */
export function bytesOfSide({ id, conditions, side }: FeedTick): number {
  if (side === undefined) return 0
  const missing = conditions !== undefined ? 0 : id !== undefined ? ',null'.length : ',null,null'.length
  return missing + `,"${side}"`.length
}

function numberBytes(text: string): number {
  return JSON_NUMBER.test(text) ? text.length : Buffer.byteLength(JSON.stringify(text))
}

/** What is no JSON becomes a text, for the aggregator to reject. */
export function conditionsOf(text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch {
    return JSON.stringify(text)
  }
}

/** What a record says for all of its ticks. */
export type RecordHead = {
  readonly symbol: string
  readonly source: string
  readonly sequence: number
  readonly line?: TickLine | undefined
  readonly tape?: string | undefined
}

/** The start of a record, to be followed by ticks with commas between them and by {@link RECORD_END}. */
export function recordStart(options: RecordHead): string {
  const symbol = JSON.stringify(options.symbol)
  const line = options.line === undefined ? '' : `"line":${JSON.stringify(options.line.name)},`
  const contiguous = options.line?.isContiguous === true ? '"contiguous":true,' : ''
  const tape = options.tape === undefined ? '' : `"tape":${tapeOf(options.tape)},`
  return `{"symbol":${symbol},"source":${JSON.stringify(options.source)},"sequence":${options.sequence},${line}${contiguous}${tape}"ticks":[`
}

/** The end of every record. */
export const RECORD_END = ']}'

/** A cancel as a record of its own, of the beginning of a batch. */
export function encodeCancel(start: string, { timestamp, price, volume, id, conditions }: FeedTick): string {
  const common = start.slice(0, -'"ticks":['.length)
  const said = conditions === undefined ? '' : `,"conditions":${conditionsOf(conditions)}`
  const named = id === undefined ? '' : `,"id":${encodeNumber(id)}`
  return `${common}"type":"cancel","timestamp":${encodeNumber(timestamp)},"price":${encodeNumber(price)},"volume":${encodeNumber(volume)}${named}${said}}`
}

/** The partition key of a symbol: the symbol, or for a bad symbol the nearest key that Kinesis accepts. */
export function partitionKeyOf(symbol: string): string {
  if (symbol === '') return '-'
  return symbol.slice(0, MAX_PARTITION_KEY_LENGTH).toWellFormed()
}

/** Massive numbers the tapes. */
export function tapeOf(tape: string): string {
  return /^\d$/.test(tape) ? tape : JSON.stringify(tape)
}

function encodeNumber(text: string): string {
  return JSON_NUMBER.test(text) ? text : JSON.stringify(text)
}
