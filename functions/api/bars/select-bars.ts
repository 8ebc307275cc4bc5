import type { Queryable } from '../../shared/postgres/database.ts'
import type { Direction, Read } from '../page/read-plan.ts'
import { type BarRow, readBarRow } from './bar-row.ts'
import type { Adjustment } from '../../domain/adjustment.ts'
import { adjustedParts, unitsOf } from '../adjustment/adjusted-parts.ts'
import { barGrid, type Given, iso } from './bar-grid.ts'
import { LATER_MS, partsOf, rolledUp, singly, VALUES, versionsKnown } from './roll-up.ts'
import { type BarCut, longest } from './timeframes.ts'

/** How bars are computed from the stored ones. */
export type BarKind = BarCut & {
  /** Unix milliseconds: rows written later are left out. Undefined for all rows. */
  readonly asof: number | undefined
  /** Of all symbols that are read. @default as they were traded */
  readonly adjustment?: Adjustment | undefined
}

/** How many bars at the most, of each symbol and of all. */
export type Limits = { readonly perSymbol: number; readonly total: number }

/**
 * Reads bars by symbol, then time in the direction given.
 *
 * @param options.now Unix milliseconds; tells whether a bar of several minutes is still filling
 */
export async function selectBars(
  database: Queryable,
  read: Read,
  {
    direction,
    limits,
    now,
    ...kind
  }: BarKind & { readonly direction: Direction; readonly limits: Limits; readonly now: number },
): Promise<BarRow[]> {
  return await selectRows(database, { symbols: read.symbols, direction, limits }, (given) =>
    isStored(kind) ? minutes(read, kind, given) : rolled(read, { ...kind, now }, given),
  )
}

/** Whether bars are those that are stored. */
function isStored({ timeframe, session }: BarCut): boolean {
  return timeframe.name === '1Min' && session === undefined
}

/**
 * Selects bars of symbols, in their order, then by time.
 *
 * @param barsOf SQL for the bars of `wanted.symbol`
 */
export async function selectRows(
  database: Queryable,
  {
    symbols,
    direction,
    limits,
  }: { readonly symbols: readonly string[]; readonly direction: Direction; readonly limits?: Limits },
  barsOf: (given: Given) => string,
): Promise<BarRow[]> {
  const values: unknown[] = []
  const given = (value: unknown, type: string): string => `$${values.push(value)}::${type}`
  const order = direction === 'asc' ? 'ASC' : 'DESC'
  const text = `
    SELECT wanted.symbol, extract(epoch FROM bar.timestamp)::bigint AS time, ${VALUES}
    FROM unnest(${given(symbols, 'text[]')}) WITH ORDINALITY AS wanted (symbol, place)
    CROSS JOIN LATERAL (
      ${barsOf(given)} ORDER BY timestamp ${order} LIMIT ${given(limits?.perSymbol ?? null, 'bigint')}
    ) AS bar
    ORDER BY place, bar.timestamp ${order} LIMIT ${given(limits?.total ?? null, 'bigint')}`
  return (await database.query(text, values)).rows.map(readBarRow)
}

/** The bars of a symbol, each in the revision of `asof`. */
function minutes(read: Pick<Read, 'from' | 'to'>, kind: BarKind, given: Given): string {
  const { adjustment } = kind
  const stored = storedMinutes(read, kind, given)
  if (adjustment === undefined) return `SELECT * FROM (${stored}) AS stored WHERE NOT withdrawn`
  const parts = adjustedParts(
    partsOf(stored, (time) => time),
    { adjustment, span: read },
    given,
  )
  return `SELECT * FROM (${singly(parts, unitsOf(adjustment, given))}) AS adjusted WHERE NOT withdrawn`
}

/** The same with those that are withdrawn. */
export function storedMinutes(
  { from, to }: Pick<Read, 'from' | 'to'>,
  { asof }: BarKind,
  given: Given,
): string {
  const which = `symbol = wanted.symbol AND timestamp >= ${given(iso(from), 'timestamptz')} AND timestamp < ${given(iso(to), 'timestamptz')}`
  if (asof === undefined) return `SELECT timestamp, written_at, ${VALUES} FROM ohlcv_1min WHERE ${which}`
  // Times are shown to the millisecond, and kept to the microsecond.
  return versionsKnown(`${which} AND written_at < ${given(iso(asof + 1), 'timestamptz')}`)
}

/** Bars that begin in the span, with minutes that may lie behind it, and those that show that the bars are over. */
function rolled(
  { from, to }: Read,
  { now, ...kind }: BarKind & { readonly now: number },
  given: Given,
): string {
  const looked = { from, to: to + longest(kind.timeframe) + LATER_MS }
  const grid = barGrid(kind, looked, given)
  const bars = rolledUp(grid, {
    parts: adjustedParts(
      partsOf(storedMinutes(looked, kind, given), grid.startOf),
      { adjustment: kind.adjustment, span: looked },
      given,
    ),
    knownAt: given(iso(Math.min(now, kind.asof ?? now)), 'timestamptz'),
    units: unitsOf(kind.adjustment, given),
  })
  return `
    SELECT * FROM (${bars}) AS rolled
    WHERE timestamp >= ${given(iso(from), 'timestamptz')} AND timestamp < ${given(iso(to), 'timestamptz')} AND NOT withdrawn`
}
