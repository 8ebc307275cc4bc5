import type { TakerSide } from '../../domain/side.ts'
import { CompactBytes, type Units } from './compact-bytes.ts'
import {
  COMPACT_LIMITS,
  COMPACT_MAGIC,
  COMPACT_VERSIONS,
  type CompactHead,
  FLAGS,
  TAPE_SHIFT,
  TAPES,
} from './compact-record.ts'
import { writeSides } from './compact-sides.ts'

/** Trades of one symbol by column, at least one and all columns of one length. */
type CompactColumns = {
  /** Unix time: `seconds + nanos · 10⁻⁹`, the seconds not negative. */
  readonly seconds: readonly number[]
  readonly nanos: readonly number[]
  /** Decimals of a second that the times have. */
  readonly timeDecimals: number
  /** Units of 10^-priceDecimals. */
  readonly prices: readonly Units[]
  readonly priceDecimals: number
  /** Units of 10^-volumeDecimals, not negative. */
  readonly volumes: readonly Units[]
  readonly volumeDecimals: number
  /** Absent where no trade has an id. */
  readonly ids?: readonly (number | undefined)[] | undefined
  /** JSON of the conditions of each trade; absent where none has any. */
  readonly conditions?: readonly (string | undefined)[] | undefined
  /** Absent where the side of no trade is known. */
  readonly sides?: readonly (TakerSide | undefined)[] | undefined
}

const { textBytes, varintBytes } = COMPACT_LIMITS
/** Bytes of a trade at the most: time, price, volume, id, conditions and side. */
const TRADE_BYTES = 3 * varintBytes + 10 + 1 + 1
const HEAD_BYTES = 3 * (textBytes + 1) + 64
const MAX_SAFE = Number.MAX_SAFE_INTEGER
/** Below it, a step on the way there has not lost a digit. */
const EXACT = 2 ** 52

/**
 * Writes a compact record; undefined where it cannot hold these trades: more of them, or more different conditions, than a
 * record may have, a text that is too long or no Unicode.
 */
export function writeCompactRecord(head: CompactHead, columns: CompactColumns): Buffer | undefined {
  const { seconds, ids, conditions, sides } = columns
  const dictionary = new Map<string, number>()
  for (const each of conditions ?? [])
    if (each !== undefined && !dictionary.has(each)) dictionary.set(each, dictionary.size + 1)
  if (!fits(head, seconds.length, [...dictionary.keys()])) return undefined
  const writer = new CompactBytes(
    HEAD_BYTES + seconds.length * TRADE_BYTES + dictionary.size * (textBytes + 1),
  )
  writeHead(writer, head, {
    ids: ids !== undefined,
    conditions: conditions !== undefined,
    sides: sides !== undefined,
  })
  writer.byte(columns.timeDecimals)
  writer.byte(columns.priceDecimals)
  writer.byte(columns.volumeDecimals)
  writer.varint(seconds.length)
  writer.varint(seconds[0] ?? 0)
  writeTimes(writer, columns)
  writeDeltas(writer, columns.prices)
  for (const volume of columns.volumes) writer.varint(volume)
  if (ids !== undefined) writeIds(writer, ids)
  if (conditions !== undefined) {
    writer.varint(dictionary.size)
    for (const each of dictionary.keys()) writer.text(each)
    for (const each of conditions) writer.byte(each === undefined ? 0 : (dictionary.get(each) ?? 0))
  }
  if (sides !== undefined) writeSides(writer, sides)
  return writer.end()
}

function fits({ symbol, source, line }: CompactHead, trades: number, conditions: readonly string[]): boolean {
  const { trades: most, conditions: mostConditions, conditionBytes } = COMPACT_LIMITS
  return (
    trades >= 1 &&
    trades <= most &&
    conditions.length <= mostConditions &&
    [symbol, source, line].every((text) => text === undefined || isText(text, textBytes)) &&
    conditions.every((text) => isText(text, conditionBytes))
  )
}

function isText(text: string, most: number): boolean {
  return text.length <= most && text.isWellFormed() && Buffer.byteLength(text) <= most
}

/**
 * The record of another producer: its head, then the bytes of the trades as they are.
 *
 * @param trades from the decimals on, without the checksum
 */
export function withHead(
  head: CompactHead,
  { trades, has }: { readonly trades: Uint8Array; readonly has: Parts },
): Buffer {
  const writer = new CompactBytes(HEAD_BYTES + trades.length)
  writeHead(writer, head, has)
  writer.bytes(trades)
  return writer.end()
}

type Parts = { readonly ids: boolean; readonly conditions: boolean; readonly sides: boolean }

function writeHead(writer: CompactBytes, head: CompactHead, has: Parts): void {
  const { symbol, source, sequence, line, isContiguous, tape } = head
  for (const byte of COMPACT_MAGIC) writer.byte(byte)
  writer.byte(has.sides ? COMPACT_VERSIONS.sides : COMPACT_VERSIONS.plain)
  writer.byte(
    (source === undefined ? 0 : FLAGS.source) |
      (sequence === undefined ? 0 : FLAGS.sequence) |
      (line === undefined ? 0 : FLAGS.line) |
      (isContiguous ? FLAGS.contiguous : 0) |
      (has.ids ? FLAGS.ids : 0) |
      (has.conditions ? FLAGS.conditions : 0) |
      (TAPES.indexOf(tape) << TAPE_SHIFT),
  )
  writer.text(symbol)
  if (source !== undefined) writer.text(source)
  if (sequence !== undefined) writer.varint(sequence)
  if (line !== undefined) writer.text(line)
}

/** Each from the one before, in units of the least decimal; the first within its second. */
function writeTimes(writer: CompactBytes, { seconds, nanos, timeDecimals }: CompactColumns): void {
  const units = 10 ** timeDecimals
  const nanosOfUnit = 10 ** (COMPACT_LIMITS.timeDecimals - timeDecimals)
  let second = seconds[0] ?? 0
  let nano = 0
  for (let index = 0; index < seconds.length; index++) {
    const [nextSecond = 0, nextNano = 0] = [seconds[index], nanos[index]]
    const delta = (nextSecond - second) * units + (nextNano - nano) / nanosOfUnit
    if (delta <= EXACT && delta >= -EXACT) writer.signed(delta)
    else
      writer.signed(
        (BigInt(nextSecond) - BigInt(second)) * BigInt(units) + BigInt((nextNano - nano) / nanosOfUnit),
      )
    second = nextSecond
    nano = nextNano
  }
}

function writeDeltas(writer: CompactBytes, units: readonly Units[]): void {
  let before: Units = 0
  for (const each of units) {
    writer.signed(difference(each, before))
    before = each
  }
}

function difference(one: Units, other: Units): Units {
  if (typeof one === 'number' && typeof other === 'number') {
    const delta = one - other
    if (delta <= MAX_SAFE && delta >= -MAX_SAFE) return delta
  }
  return BigInt(one) - BigInt(other)
}

/** Each from the last one that there is. */
function writeIds(writer: CompactBytes, ids: readonly (number | undefined)[]): void {
  let before = 0
  for (const id of ids) {
    writer.optional(id === undefined ? undefined : id - before)
    before = id ?? before
  }
}
