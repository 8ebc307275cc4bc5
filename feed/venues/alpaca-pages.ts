import { listOf, member, textOf } from './frame.ts'
import type { Get, TimedTrade } from './venue.ts'

/** Pages of trades: of one symbol a list, of several an object by symbol; each names the next by a token. */
export async function* fillPages(
  path: string,
  get: Get,
  read: (trade: unknown) => TimedTrade,
): AsyncGenerator<readonly TimedTrade[]> {
  for (let next = path; ;) {
    const answer = await get(next)
    const trades = member(answer, 'trades') ?? []
    const page = Array.isArray(trades) ? trades : listOf(Object.values(trades)[0] ?? [], 'the trades')
    if (page.length > 0) yield page.map(read)
    const token = member(answer, 'next_page_token')
    if (token === undefined || token === null) return
    next = `${path}&page_token=${encodeURIComponent(textOf(token, 'next_page_token'))}`
  }
}

/** RFC 3339 of Unix seconds, for an address. */
export function isoOf(seconds: string): string {
  return encodeURIComponent(new Date(Math.floor(Number(seconds) * 1000)).toISOString())
}
