import { readBars, readBreadth, readMovers, readSymbols } from '../api/reads.ts'
import { compare } from '../values/decimal-text.ts'
import type { Bar } from '../market/bar.ts'
import { allSymbols, firstBars } from './lists.ts'
import { zone } from './place.ts'
import { Poll } from './poll.ts'

const EVERY_MS = 15_000
const LEADERS_EVERY_MS = 30_000
const MOST_LEADERS = 10
/** Beyond so many, reading all bars of the day would cost the API more than the table is worth. */
const MOST_SYMBOLS = 1000

export const movers = new Poll(() => readMovers(zone.peek()), EVERY_MS)
export const breadth = new Poll(() => readBreadth(zone.peek()), EVERY_MS)

/** The symbols that traded most in the day of the newest bar. */
export const leaders = new Poll(readLeaders, LEADERS_EVERY_MS)

type Leader = { readonly symbol: string; readonly bar: Bar }
type Leaders = {
  /** Unix seconds of the day's start; null where there are no bars. */
  readonly day: number | null
  readonly rows: readonly Leader[]
  /** Symbols that are not compared. */
  readonly leftOut: number
}

async function readLeaders(): Promise<Leaders> {
  const { session_start: day } = await readBreadth(zone.peek())
  if (firstBars.peek().size === 0) firstBars.value = await readSymbols()
  const all = allSymbols.peek()
  const symbols = all.slice(0, MOST_SYMBOLS)
  const leftOut = all.length - symbols.length
  if (day === null) return { day, rows: [], leftOut }
  const start = new Date(day * 1000).toISOString()
  const days = await readBars(symbols, { timeframe: '1Day', tz: zone.peek(), start, end: start })
  const rows = [...days].flatMap(([symbol, bars]) => bars.map((bar) => ({ symbol, bar })))
  const sorted = rows
    .filter(({ bar }) => bar.notional !== null)
    .toSorted((a, b) => compare(b.bar.notional ?? '0', a.bar.notional ?? '0'))
  return { day, rows: sorted.slice(0, MOST_LEADERS), leftOut }
}
