import { readBars, readBreadth, readMovers } from '../api/reads.ts'
import { compare } from '../values/decimal-text.ts'
import type { Bar } from '../market/bar.ts'
import { allSymbols } from './lists.ts'
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

export type Leader = { readonly symbol: string; readonly bar: Bar }
export type Leaders = {
  readonly day: number | null
  readonly rows: readonly Leader[]
  readonly leftOut: number
}

async function readLeaders(): Promise<Leaders> {
  const symbols = allSymbols.peek().slice(0, MOST_SYMBOLS)
  const days = await readBars(symbols, { timeframe: '1Day', tz: zone.peek() })
  const rows = [...days].flatMap(([symbol, bars]) => bars.slice(-1).map((bar) => ({ symbol, bar })))
  const day = rows.reduce<number | null>((newest, { bar }) => Math.max(newest ?? bar.time, bar.time), null)
  const ofDay = rows.filter(({ bar }) => bar.time === day && bar.notional !== null)
  const sorted = ofDay.toSorted((a, b) => compare(b.bar.notional ?? '0', a.bar.notional ?? '0'))
  return { day, rows: sorted.slice(0, MOST_LEADERS), leftOut: allSymbols.peek().length - symbols.length }
}
