import * as z from 'zod'

import { ONE_MINUTE } from '../../domain/calendar/timeframe.ts'
import { readFirstBar } from '../bars/read-bars.ts'
import { selectBars } from '../bars/select-bars.ts'
import type { Sources } from '../endpoint.ts'
import type { Direction } from '../page/read-plan.ts'
import { PAGE_TIME_MS } from '../page/walk.ts'
import { DAY_MS } from '../http/times.ts'

/** A symbol with the starts of its first and last bars, in Unix seconds. */
export type KnownSymbol = { readonly symbol: string; readonly first: number; readonly last: number }

/** Symbols looked up together: between two groups a page may end for lack of time. */
const GROUP = 200

/** Days in Unix milliseconds. */
const daysSchema = z.array(
  z.object({ symbol: z.string(), first: z.coerce.number(), last: z.coerce.number() }),
)
type Days = z.infer<typeof daysSchema>[number]

const SYMBOLS = `
  SELECT symbol, extract(epoch FROM first_day) * 1000 AS first, extract(epoch FROM last_day) * 1000 AS last
  FROM symbols WHERE $1::text IS NULL OR symbol > $1 ORDER BY symbol LIMIT $2`

const AS_STORED = { timeframe: ONE_MINUTE, zone: 'UTC', asof: undefined } as const

/**
 * Reads a page of symbols. Each statement about bars looks into one partition: that of a day on which some of the symbols
 * have their first bars, or their last.
 *
 * @returns `next`, when there are more: the symbol that the page has ended with
 */
export async function readSymbols(
  sources: Sources,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<{ readonly found: readonly KnownSymbol[]; readonly next: string | undefined }> {
  const { database, now } = sources
  const deadline = now() + PAGE_TIME_MS
  const days = daysSchema.parse((await database.query(SYMBOLS, [after ?? null, limit + 1])).rows)
  const wanted = days.slice(0, limit)
  const found: KnownSymbol[] = []
  for (let index = 0; index < wanted.length; index += GROUP) {
    const group = wanted.slice(index, index + GROUP)
    found.push(...(await lookUp(sources, group)))
    const end = group.at(-1)?.symbol
    if (now() > deadline && days.at(-1)?.symbol !== end) return { found, next: end }
  }
  return { found, next: days.length > limit ? wanted.at(-1)?.symbol : undefined }
}

async function lookUp(sources: Sources, group: readonly Days[]): Promise<KnownSymbol[]> {
  const firsts = await edgesOf(sources, group, 'asc')
  const lasts = await edgesOf(sources, group, 'desc')
  return group.flatMap(({ symbol }) => {
    const [first, last] = [firsts.get(symbol), lasts.get(symbol)]
    return first === undefined || last === undefined ? [] : [{ symbol, first, last }]
  })
}

/** The first bar of each symbol, or with `desc` the last. */
async function edgesOf(
  sources: Sources,
  group: readonly Days[],
  direction: Direction,
): Promise<ReadonlyMap<string, number>> {
  const edges = new Map<string, number>()
  const byDay = Map.groupBy(group, ({ first, last }) => (direction === 'asc' ? first : last))
  for (const [day, ofDay] of byDay) {
    const read = { symbols: ofDay.map(({ symbol }) => symbol), from: day, to: day + DAY_MS }
    const limits = { perSymbol: 1, total: ofDay.length }
    const rows = await selectBars(sources.database, read, {
      ...AS_STORED,
      direction,
      limits,
      now: sources.now(),
    })
    for (const { symbol, time } of rows) edges.set(symbol, time)
  }
  // Retention has dropped the day's bars and not told the table of symbols yet.
  for (const { symbol, first, last } of group.filter((each) => !edges.has(each.symbol))) {
    const span = { from: first, to: last + DAY_MS }
    const row = await readFirstBar(sources, { ...AS_STORED, ...span, symbols: [symbol], direction })
    if (row !== undefined) edges.set(symbol, row.time)
  }
  return edges
}
