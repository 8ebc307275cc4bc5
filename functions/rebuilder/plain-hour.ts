import { emptyColumns, MAX_UNITS } from '../aggregator/trade-buffer.ts'
import type { LeanColumns } from '../archive/archive-columns.ts'
import { isImportedShard } from '../archive/archive-key.ts'
import { type Decimal, unitsAt } from '../domain/decimal.ts'
import { SIDES, type Sides } from '../domain/side.ts'
import { compareSequenceNumbers, NO_ID, type TradeColumns, type Trades, UPDATES } from '../domain/trade.ts'
import { updatesOf } from './applied-trades.ts'
import { lineOf, type RowRun } from './row.ts'

/**
 * Trades of a symbol and hour of which nothing is to be put in order, dropped or changed: as nearly all are, of one producer and
 * one line, each later than the one before or with a higher number.
 */
export type PlainHour = {
  readonly trades: Trades
  readonly sides: Sides
  /** Unix milliseconds at which the stream took each. */
  readonly arrivedAt: Float64Array
  /** The line on which its ids count. */
  readonly line: string
  /** Whether each has an id of a line without holes. */
  readonly isCounted: boolean
}

/** The rows of some runs of a symbol as they stand; undefined where they must be looked at one by one. */
export function plainHour(given: readonly RowRun<LeanColumns>[]): PlainHour | undefined {
  const runs = given.toSorted((one, other) => timeOf(one) - timeOf(other))
  const first = runs[0]
  if (first === undefined || !arePlain(runs)) return undefined
  const scales = scalesOf(runs)
  const count = runs.reduce((sum, { from, to }) => sum + to - from, 0)
  const isNumbered = first.of.id[first.from] !== NO_ID
  const columns = { ...emptyColumns(count, { hasIds: isNumbered }), updates: updatesIn(runs, count) }
  const arrivedAt = new Float64Array(count)
  let place = 0
  for (const run of runs) {
    if (!fillAmounts(columns, run, place, scales)) return undefined
    const { of, from, to } = run
    columns.seconds.set(of.seconds.subarray(from, to), place)
    columns.nanos.set(of.nanos.subarray(from, to), place)
    if (isNumbered) columns.ids.set(of.id.subarray(from, to), place)
    arrivedAt.set(of.arrivedAt.subarray(from, to), place)
    place += to - from
  }
  return {
    trades: {
      columns,
      from: 0,
      to: count,
      ...scales,
      isOrdered: true,
      hasIds: isNumbered,
      hasUpdates: columns.updates.length > 0,
      wide: undefined,
    },
    sides: sidesIn(runs, count),
    arrivedAt,
    line: lineOf({ of: first.of, at: first.from }),
    isCounted: isNumbered && first.of.contiguous[first.from] === true,
  }
}

function timeOf({ of, from }: RowRun<LeanColumns>): number {
  return of.seconds[from] ?? 0
}

/** Whether each row is a trade that is neither one before it again, nor to be put before one. */
function arePlain(runs: readonly RowRun<LeanColumns>[]): boolean {
  let before: Place | undefined
  for (const { of, from, to } of runs) {
    if (before !== undefined && !(areAlike(before, { of, at: from }) && follows(before, { of, at: from })))
      return false
    for (let at = from; at < to; at++) if (of.type[at] !== 'trade') return false
    for (let at = from + 1; at < to; at++) {
      const [one, other] = [
        { of, at: at - 1 },
        { of, at },
      ]
      if (!areAlike(one, other) || !follows(one, other)) return false
    }
    before = { of, at: to - 1 }
  }
  return true
}

type Place = { readonly of: LeanColumns; readonly at: number }

/** Whether two rows are of one producer and one line, with and without numbers alike. */
function areAlike({ of: one, at }: Place, { of: other, at: next }: Place): boolean {
  return (
    one.source[at] === other.source[next] &&
    one.line[at] === other.line[next] &&
    one.contiguous[at] === other.contiguous[next] &&
    (one.id[at] === NO_ID) === (other.id[next] === NO_ID) &&
    (one.sequence[at] ?? -1) < 0 === (other.sequence[next] ?? -1) < 0
  )
}

/** Whether a row is another trade than the one before it, and comes after it: rows of one object stand in their order. */
function follows({ of: one, at }: Place, { of: other, at: next }: Place): boolean {
  const [secondsBefore, seconds] = [one.seconds[at] ?? 0, other.seconds[next] ?? 0]
  const [nanosBefore, nanos] = [one.nanos[at] ?? 0, other.nanos[next] ?? 0]
  const isLater = seconds > secondsBefore || (seconds === secondsBefore && nanos > nanosBefore)
  if (!isLater && (one !== other || seconds !== secondsBefore || nanos !== nanosBefore)) return false
  const isOfShard = one.shard[at] === other.shard[next]
  if (!isLater && !isOfShard) return false
  const [idBefore, id] = [one.id[at] ?? NO_ID, other.id[next] ?? NO_ID]
  if (id !== NO_ID && id <= idBefore) return false
  const [sequenceBefore, sequence] = [one.sequence[at] ?? -1, other.sequence[next] ?? -1]
  if (sequence !== sequenceBefore) return sequence > sequenceBefore
  if (sequence < 0 && isLater) return true
  if (!isOfShard) return false
  if (sequence < 0 && isImportedShard(one.shard[at] ?? ''))
    return id !== NO_ID || (other.arrivedAt[next] ?? 0) > (one.arrivedAt[at] ?? 0)
  const [before, number] = [one.sequenceNumber?.[at], other.sequenceNumber?.[next]]
  if (before === undefined || number === undefined) return false
  if (sequence < 0 && number !== before) return compareSequenceNumbers(number, before) > 0
  // Of one record, as far as that is known.
  return number === before && (isLater || (other.place[next] ?? 0) > (one.place[at] ?? 0))
}

type Scales = Pick<Trades, 'priceScale' | 'volumeScale'>

function scalesOf(runs: readonly RowRun<LeanColumns>[]): Scales {
  let [priceScale, volumeScale] = [0, 0]
  for (const { of, from, to } of runs)
    for (let at = from; at < to; at++) {
      priceScale = Math.max(priceScale, of.price[at]?.scale ?? 0)
      volumeScale = Math.max(volumeScale, of.volume[at]?.scale ?? 0)
    }
  return { priceScale, volumeScale }
}

/** Fills prices and volumes from a place on; false where one is missing, or more than a double holds. */
function fillAmounts(
  { price, volume }: TradeColumns,
  { of, from, to }: RowRun<LeanColumns>,
  place: number,
  { priceScale, volumeScale }: Scales,
): boolean {
  for (let at = from; at < to; at++) {
    const index = place + at - from
    const [units, size] = [shortUnits(of.price[at], priceScale), shortUnits(of.volume[at], volumeScale)]
    if (Number.isNaN(units) || Number.isNaN(size)) return false
    price[index] = units
    volume[index] = size
  }
  return true
}

function shortUnits(decimal: Decimal | undefined, scale: number): number {
  const units = decimal && unitsAt(decimal, scale)
  return typeof units === 'number' && Math.abs(units) <= MAX_UNITS ? units : Number.NaN
}

/** Undefined where no row has one. */
function sidesIn(runs: readonly RowRun<LeanColumns>[], count: number): Sides {
  if (!runs.some((run) => hasValue(run.of.side, run))) return undefined
  const sides = new Int8Array(count)
  let place = 0
  for (const { of, from, to } of runs)
    for (let at = from; at < to; at++) sides[place++] = SIDES[of.side[at] ?? 'unknown']
  return sides
}

/** Empty where each trade updates all. */
function updatesIn(runs: readonly RowRun<LeanColumns>[], count: number): Uint8Array {
  if (!runs.some((run) => hasValue(run.of.conditions, run))) return new Uint8Array(0)
  const updates = new Uint8Array(count).fill(UPDATES.all)
  let place = 0
  for (const { of, from, to } of runs)
    for (let at = from; at < to; at++) updates[place++] = updatesOf(of.conditions[at], of.tape[at])
  return updates
}

function hasValue(column: readonly unknown[], { from, to }: Pick<RowRun, 'from' | 'to'>): boolean {
  for (let at = from; at < to; at++) if (column[at] !== undefined) return true
  return false
}
