import * as z from 'zod'

import { ONE_MINUTE } from '../../domain/calendar/timeframe.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import type { Given } from '../bars/bar-grid.ts'
import { MOST_MS, readFirstBar } from '../bars/read-bars.ts'
import { storedMinutes } from '../bars/select-bars.ts'
import type { Sources } from '../endpoint.ts'
import { EARLIEST } from '../http/times.ts'

/** When the last session before an ex-date was, and when the ex-date begins; Unix milliseconds. */
export type LastSession = { readonly open: number; readonly close: number; readonly exDate: number }

/** Sessions that one statement looks into: each has a partition or two to lock. */
const AT_ONCE = 15

const rowsSchema = z.array(z.object({ place: z.int(), close: z.string() }))

/**
 * The price at which a symbol closed each of some sessions: of its last bar in it, or else of the last one before. Undefined
 * where there is no bar before the ex-date.
 *
 * @throws TooSlowError where it cannot be found in time
 */
export async function selectCloses(
  sources: Pick<Sources, 'database' | 'now'>,
  sessions: readonly LastSession[],
  { symbol, asof }: { readonly symbol: string; readonly asof: number | undefined },
): Promise<readonly (string | undefined)[]> {
  const closes: (string | undefined)[] = []
  const asked = { symbol, asof, until: sources.now() + MOST_MS }
  for (let first = 0; first < sessions.length; first += AT_ONCE) {
    const some = sessions.slice(first, first + AT_ONCE)
    const found = await closesWithin(sources.database, some, { symbol, asof })
    for (const [place, session] of some.entries())
      closes.push(
        found.get(place) ??
          (await closeBefore(sources, session.close, asked)) ??
          (await closeBefore(sources, session.exDate, asked)),
      )
  }
  return closes
}

/** Each session in a part of its own: so Postgres knows the partitions when it plans, and locks no others. */
async function closesWithin(
  database: Queryable,
  sessions: readonly LastSession[],
  { symbol, asof }: { readonly symbol: string; readonly asof: number | undefined },
): Promise<ReadonlyMap<number, string>> {
  const values: unknown[] = []
  const given: Given = (value, type) => `$${values.push(value)}::${type}`
  const kind = { timeframe: ONE_MINUTE, zone: 'UTC', asof }
  const parts = sessions.map(({ open, close }, place) => {
    const minutes = storedMinutes({ from: open, to: close }, kind, given)
    return `(SELECT ${place} AS place, close FROM (${minutes}) AS stored WHERE NOT withdrawn ORDER BY timestamp DESC LIMIT 1)`
  })
  const text = `
    SELECT place, trim_scale(close)::text AS close FROM (SELECT ${given(symbol, 'text')} AS symbol) AS wanted
    CROSS JOIN LATERAL (${parts.join(' UNION ALL ')}) AS session`
  const rows = rowsSchema.parse((await database.query(text, values)).rows)
  return new Map(rows.map(({ place, close }) => [place, close]))
}

async function closeBefore(
  sources: Pick<Sources, 'database' | 'now'>,
  time: number,
  {
    symbol,
    asof,
    until,
  }: { readonly symbol: string; readonly asof: number | undefined; readonly until: number },
): Promise<string | undefined> {
  const newest = { timeframe: ONE_MINUTE, zone: 'UTC', direction: 'desc' } as const
  const query = { ...newest, asof, from: EARLIEST, to: time, symbols: [symbol] }
  return (await readFirstBar(sources, query, until))?.close
}
