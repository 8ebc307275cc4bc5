import { z } from 'zod'

import type { Sources } from '../endpoint.ts'
import { type Direction, type Place, planReads, type Span } from '../page/read-plan.ts'
import { type BarKind, type BarRow, selectBars } from './select-bars.ts'

/** Minutes that one statement may look at, of all its symbols together. */
const MAX_MINUTES = 100_000

/** A page is ended early rather than take longer. */
const PAGE_TIME_MS = 2000

const DAY_MS = 86_400_000
const daysSchema = z.array(
  z.object({ symbol: z.string(), first: z.coerce.number(), last: z.coerce.number() }),
)

/** Which bars, and where to begin. */
export type PageQuery = BarKind &
  Span & {
    readonly symbols: readonly string[]
    readonly direction: Direction
    readonly limit: number
    /** Where the page before ended. */
    readonly after: Place | undefined
  }

export type Page = {
  readonly rows: readonly BarRow[]
  /** Where the next page begins; undefined when there is none. */
  readonly next: Place | undefined
}

/** Reads one page of bars. */
export async function readPage({ database, now }: Sources, query: PageQuery): Promise<Page> {
  const deadline = now() + PAGE_TIME_MS
  const spans = await spansOf(database, query)
  const rows: BarRow[] = []
  for (const read of planReads(spans, { ...query, maxMinutes: MAX_MINUTES })) {
    const wanted = query.limit + 1 - rows.length
    const limits = { perSymbol: wanted, total: wanted }
    rows.push(...(await selectBars(database, read, { ...query, limits })))
    if (rows.length > query.limit) return fullPage(rows.slice(0, query.limit))
    if (now() > deadline)
      return {
        rows,
        next: {
          symbol: read.symbols.at(-1) ?? '',
          time: query.direction === 'asc' ? read.to - 1 : read.from,
        },
      }
  }
  return { rows, next: undefined }
}

function fullPage(rows: readonly BarRow[]): Page {
  const last = rows.at(-1)
  return { rows, next: last && { symbol: last.symbol, time: last.time * 1000 } }
}

/** The span wanted of each symbol; where it is long, only as far as the symbol has bars. */
async function spansOf(
  database: Sources['database'],
  { symbols, from, to }: PageQuery,
): Promise<ReadonlyMap<string, Span>> {
  if ((symbols.length * (to - from)) / 60_000 <= MAX_MINUTES)
    return new Map(symbols.map((symbol) => [symbol, { from, to }]))
  const { rows } = await database.query(
    `SELECT symbol, extract(epoch FROM first_day) * 1000 AS first, extract(epoch FROM last_day) * 1000 AS last
     FROM symbols WHERE symbol = ANY($1::text[]) ORDER BY symbol`,
    [symbols],
  )
  const known = new Map(daysSchema.parse(rows).map((row) => [row.symbol, row]))
  return new Map(
    symbols.flatMap((symbol) => {
      const days = known.get(symbol)
      // A bar of New York's day begins up to a day before its first minute.
      return days === undefined
        ? []
        : [[symbol, { from: Math.max(from, days.first - DAY_MS), to: Math.min(to, days.last + DAY_MS) }]]
    }),
  )
}
