import { batch, signal, type Signal } from '@preact/signals'

import { messageOf, SignedOutError } from '../api/request.ts'
import { readBars, readLatestBars } from '../api/reads.ts'
import type { Bar } from '../market/bar.ts'
import type { TickRecord } from '../market/forming-candle.ts'
import { type Gap, repairRequests } from '../market/gap.ts'
import {
  emptyQuote,
  type Quote,
  type ReadQuote,
  withBar,
  withRead,
  withTrade,
  withWithdrawn,
} from '../market/quote.ts'
import { notify } from './notices.ts'
import { zone } from './place.ts'
import { endSession } from './session.ts'

const DAY_MS = 24 * 3_600_000
/** The day of a symbol that did not trade for a while. */
const DAYS_BACK = 10
const REFRESH_MS = 5 * 60_000
const CORRECTED_MS = 5000

const quotes = new Map<string, Signal<Quote>>()
let shown: readonly string[] = []
let corrected: ReturnType<typeof setTimeout> | undefined

/** The quote of a symbol, which is read when it is followed. */
export function quoteOf(symbol: string): Signal<Quote> {
  const known = quotes.get(symbol) ?? signal(emptyQuote(symbol))
  quotes.set(symbol, known)
  return known
}

/** Decimals that prices of a symbol have, as far as it is followed. */
export function knownDigits(symbol: string): number {
  return quotes.get(symbol)?.value.digits ?? 0
}

/** Follows these symbols from now on; those that are new are read. */
export async function followQuotes(symbols: readonly string[]): Promise<void> {
  const added = symbols.filter((symbol) => !shown.includes(symbol))
  shown = symbols
  for (const symbol of quotes.keys()) if (!symbols.includes(symbol)) quotes.delete(symbol)
  await readQuotes(added)
}

/** Reads all of them anew, as days of another zone begin at another time. */
export async function rereadQuotes(): Promise<void> {
  for (const symbol of shown) quoteOf(symbol).value = { ...quoteOf(symbol).value, dayStart: 0 }
  await readQuotes(shown)
}

export function startRefreshing(): void {
  setInterval(() => void readQuotes(shown), REFRESH_MS)
}

export function takeBar(symbol: string, bar: Bar): void {
  if (!shown.includes(symbol)) return
  const quote = quoteOf(symbol)
  quote.value =
    bar.withdrawn === true ? withWithdrawn(quote.peek(), bar) : withBar(quote.peek(), bar, zone.peek())
  if (bar.revision === 1) return
  // It may have changed the open of the day.
  clearTimeout(corrected)
  corrected = setTimeout(() => void readQuotes(shown), CORRECTED_MS)
}

export function takeTrades(tick: TickRecord): void {
  if (!shown.includes(tick.symbol)) return
  const quote = quoteOf(tick.symbol)
  quote.value = withTrade(quote.peek(), tick)
}

/** Reads the bars of a gap and the quotes anew. */
export async function repairQuotes(gap: Gap): Promise<{ readonly added: number; readonly revised: number }> {
  let [added, revised] = [0, 0]
  for (const { symbols, start } of repairRequests(gap, shown))
    for (const [symbol, bars] of await readBars(symbols, { timeframe: '1Min', start })) {
      const before = quoteOf(symbol).peek().barAt
      added += bars.filter((bar) => bar.time > before).length
      revised += bars.filter(
        (bar) => bar.revision > 1 && bar.time <= before && bar.time * 1000 >= gap.from - 120_000,
      ).length
    }
  await readQuotes(shown)
  return { added, revised }
}

async function readQuotes(symbols: readonly string[]): Promise<void> {
  if (symbols.length === 0) return
  const take = <Read>(read: ReadonlyMap<string, Read>, of: (found: Read | undefined) => ReadQuote): void =>
    batch(() => {
      for (const symbol of symbols) {
        // It may have been taken from the list meanwhile.
        if (!shown.includes(symbol)) continue
        const quote = quoteOf(symbol)
        quote.value = withRead(quote.peek(), of(read.get(symbol)))
      }
    })
  const from = (ms: number): string => new Date(Math.floor((Date.now() - ms) / 60_000) * 60_000).toISOString()
  try {
    const latest = readLatestBars(symbols).then((read) => take(read, (newest) => ({ newest })))
    // The last price is shown first, and what takes the API longer does not hold it up.
    const isOver = latest.catch(() => {})
    await Promise.all([
      latest,
      isOver
        .then(() =>
          readBars(symbols, { timeframe: '1Day', tz: zone.peek(), start: from(DAYS_BACK * DAY_MS) }),
        )
        .then((read) => take(read, (days) => ({ day: days?.at(-1) }))),
      isOver
        .then(() => readBars(symbols, { timeframe: '15Min', start: from(DAY_MS) }))
        .then((read) => take(read, (spark = []) => ({ spark }))),
    ])
  } catch (error) {
    if (error instanceof SignedOutError) endSession()
    else notify('error', `The watchlist cannot be read. ${messageOf(error)}`)
  }
}
