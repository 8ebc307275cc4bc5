import type { CompactHead } from '../functions/shared/streams/compact-record.ts'
import { writeCompactRecord } from '../functions/shared/streams/compact-writer.ts'
import { DecimalColumn } from './decimal-column.ts'
import { conditionsOf, type RecordHead } from './encode.ts'
import type { FeedTick } from './tick.ts'

/**
 * Ticks of one symbol as a compact record; undefined where one of them is not plain: no number, one with an exponent, or more
 * digits or conditions than such a record takes. JSON takes everything.
 */
export function encodeCompact(head: RecordHead, ticks: readonly FeedTick[]): Buffer | undefined {
  const tape = tapeOf(head.tape)
  if (tape === 'other') return undefined
  const prices = new DecimalColumn()
  const volumes = new DecimalColumn()
  const times = new TimeColumn()
  for (const { timestamp, price, volume } of ticks)
    if (!times.add(timestamp) || !prices.add(price) || volume.startsWith('-') || !volumes.add(volume))
      return undefined
  const ids = idsOf(ticks)
  if (ids === 'other') return undefined
  const { symbol, source, sequence, line } = head
  return writeCompactRecord(
    { symbol, source, sequence, line: line?.name, isContiguous: line?.isContiguous ?? false, tape },
    {
      seconds: times.seconds,
      nanos: times.nanos,
      timeDecimals: times.decimals,
      prices: prices.units(),
      priceDecimals: prices.scale,
      volumes: volumes.units(),
      volumeDecimals: volumes.scale,
      ids,
      conditions: ticks.some(({ conditions }) => conditions !== undefined)
        ? ticks.map(({ conditions }) => (conditions === undefined ? undefined : conditionsOf(conditions)))
        : undefined,
      sides: ticks.some(({ side }) => side !== undefined) ? ticks.map(({ side }) => side) : undefined,
    },
  )
}

const TAPES: Readonly<Record<string, CompactHead['tape']>> = {
  A: 'A',
  B: 'B',
  C: 'C',
  1: 'A',
  2: 'B',
  3: 'C',
}

function tapeOf(given: string | undefined): CompactHead['tape'] | 'other' {
  return given === undefined ? undefined : (TAPES[given] ?? 'other')
}

const ID = /^\d{1,16}$/

/** Undefined where no tick has one. */
function idsOf(ticks: readonly FeedTick[]): readonly (number | undefined)[] | undefined | 'other' {
  let hasIds = false
  const ids: (number | undefined)[] = []
  for (const { id } of ticks) {
    const number = id === undefined ? undefined : Number(id)
    if (id !== undefined) {
      if (!ID.test(id) || !Number.isSafeInteger(number)) return 'other'
      hasIds = true
    }
    ids.push(number)
  }
  return hasIds ? ids : undefined
}

const NANO_DIGITS = 9
const MAX_SECOND_DIGITS = 15
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]
const ZERO = 48
const DOT = 46

/** Times of a batch, with as few decimals as all of them need. */
class TimeColumn {
  readonly seconds: number[] = []
  readonly nanos: number[] = []
  decimals = 0

  /** Takes Unix seconds; false for a text that is no plain number of them, or has more decimals than nanoseconds. */
  add(text: string): boolean {
    const { length } = text
    let at = 0
    let seconds = 0
    let digit = text.charCodeAt(at) - ZERO
    while (digit >= 0 && digit <= 9) {
      seconds = seconds * 10 + digit
      digit = text.charCodeAt(++at) - ZERO
    }
    if (at === 0 || at > MAX_SECOND_DIGITS) return false
    let nanos = 0
    if (at < length) {
      const point = at
      if (digit !== DOT - ZERO || length - point > NANO_DIGITS + 1 || length - point === 1) return false
      let decimals = 0
      while (++at < length) {
        digit = text.charCodeAt(at) - ZERO
        if (!(digit >= 0 && digit <= 9)) return false
        nanos = nanos * 10 + digit
        if (digit !== 0) decimals = at - point
      }
      nanos *= POWERS[NANO_DIGITS + 1 + point - length] ?? 1
      if (decimals > this.decimals) this.decimals = decimals
    }
    this.seconds.push(seconds)
    this.nanos.push(nanos)
    return true
  }
}
