import * as z from 'zod'

import type { Segment } from '../../domain/calendar/calendar.ts'
import { ONE_MONTH } from '../../domain/calendar/timeframe.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import type { Direction } from '../page/read-plan.ts'
import { adjustedParts, unitsOf } from '../adjustment/adjusted-parts.ts'
import { barGrid, type Given, iso } from './bar-grid.ts'
import { PART_COLUMNS, partsOf, rolledUp, summed } from './roll-up.ts'
import { type BarRow } from './bar-row.ts'
import { type BarKind, selectRows, storedMinutes } from './select-bars.ts'
import { gridOf } from './timeframes.ts'

/** What a month of a symbol adds to a bar. */
export type Part = {
  /** JSON with exact decimals, which only Postgres reads. */
  readonly json: string
  readonly withdrawn: boolean
  /** When the newest of it was written, Unix milliseconds. */
  readonly written: number
}

const partsSchema = z.array(
  z.object({ json: z.string(), withdrawn: z.boolean(), written: z.coerce.number() }).readonly(),
)

/** Sums each month of a bar, with a statement for each. */
export async function sumMonths(
  database: Queryable,
  { symbol, bar }: { readonly symbol: string; readonly bar: Segment },
  kind: BarKind,
): Promise<readonly Part[]> {
  const parts: Part[] = []
  const span = { from: bar.from * 1000, to: bar.until * 1000 }
  for (const month of gridOf({ timeframe: ONE_MONTH, zone: kind.zone }, span).segments) {
    const values: unknown[] = []
    const given = (value: unknown, type: string): string => `$${values.push(value)}::${type}`
    const read = { from: Math.max(month.from * 1000, span.from), to: Math.min(month.until * 1000, span.to) }
    const startOf =
      kind.session === undefined
        ? () => given(iso(span.from), 'timestamptz')
        : barGrid(kind, read, given).startOf
    const traded = partsOf(storedMinutes(read, kind, given), startOf)
    const minutes = adjustedParts(traded, { adjustment: kind.adjustment, span: read }, given)
    const text = `
      SELECT (to_jsonb(part) || jsonb_build_object('symbol', wanted.symbol))::text AS json, withdrawn,
        extract(epoch FROM written_at) * 1000 AS written
      FROM (SELECT ${given(symbol, 'text')} AS symbol) AS wanted
      CROSS JOIN LATERAL (${summed(`SELECT * FROM (${minutes}) AS minute WHERE start IS NOT NULL`)}) AS part`
    parts.push(...partsSchema.parse((await database.query(text, values)).rows))
  }
  return parts
}

/**
 * Makes bars of a symbol of their parts, by time in the direction given.
 *
 * @param options.now Unix milliseconds; tells whether a bar is still filling
 */
export async function barsOfParts(
  database: Queryable,
  parts: readonly Part[],
  {
    symbol,
    direction,
    now,
    ...kind
  }: BarKind & {
    readonly symbol: string
    readonly direction: Direction
    readonly now: number
    readonly span: { readonly from: number; readonly to: number }
  },
): Promise<BarRow[]> {
  return await selectRows(database, { symbols: [symbol], direction }, (given: Given) => {
    const columns = Object.entries(PART_COLUMNS).map(([name, type]) => `${name} ${type}`)
    const json = given(`[${parts.map((part) => part.json).join(',')}]`, 'jsonb')
    const bars = rolledUp(barGrid(kind, kind.span, given), {
      parts: `SELECT * FROM jsonb_to_recordset(${json}) AS part (symbol text, ${columns.join(', ')}) WHERE part.symbol = wanted.symbol`,
      knownAt: given(iso(now), 'timestamptz'),
      units: unitsOf(kind.adjustment, given),
    })
    return `SELECT * FROM (${bars}) AS rolled WHERE NOT withdrawn`
  })
}
