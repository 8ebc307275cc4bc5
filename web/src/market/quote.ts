import { decimalsOf } from '../values/decimal-text.ts'
import type { Bar } from './bar.ts'
import { startOfBar, type Zone } from './timeframes.ts'

/** Seconds that a point of a sparkline covers. */
const SPARK_STEP = 900
const SPARK_SPAN = 24 * 3600
/** A price of a venue with more is shown whole, but does not widen the others. */
const MOST_DIGITS = 8

/** What a row of the watchlist shows. */
export type Quote = {
  readonly symbol: string
  readonly last: string | null
  /** Unix seconds: of the last trade, or the end of the bar that has it. */
  readonly lastAt: number
  /** Unix seconds of the newest bar. */
  readonly barAt: number
  /** The open of the first bar of the day of the newest one. */
  readonly open: string | null
  readonly dayStart: number
  /** Decimals that prices of the symbol have. */
  readonly digits: number
  readonly spark: readonly { readonly time: number; readonly close: string }[]
}

export function emptyQuote(symbol: string): Quote {
  return { symbol, last: null, lastAt: 0, barAt: 0, open: null, dayStart: 0, digits: 0, spark: [] }
}

/** What was read over REST: the day's bar, the newest minute, the points of the sparkline; what is not set was not read. */
export type ReadQuote = {
  readonly day?: Bar | undefined
  readonly newest?: Bar | undefined
  readonly spark?: readonly Bar[]
}

/** Takes what was read over REST. */
export function withRead(quote: Quote, { day, newest, spark }: ReadQuote): Quote {
  const isNewer = newest !== undefined && newest.time >= quote.barAt
  return {
    ...quote,
    ...(day !== undefined && day.time >= quote.dayStart && { open: day.open, dayStart: day.time }),
    ...(isNewer && { barAt: newest.time }),
    ...(isNewer && newest.time + 60 > quote.lastAt && { last: newest.close, lastAt: newest.time + 60 }),
    digits: digitsOf(
      quote.digits,
      [day, newest].flatMap((bar) => (bar === undefined ? [] : [bar.open, bar.high, bar.low, bar.close])),
    ),
    ...(spark && { spark: spark.map(({ time, close }) => ({ time, close })) }),
  }
}

/** Takes a bar of a minute that arrived live. */
export function withBar(quote: Quote, bar: Bar, zone: Zone): Quote {
  const digits = digitsOf(quote.digits, [bar.open, bar.high, bar.low, bar.close])
  if (bar.time < quote.barAt) return { ...quote, digits }
  const dayStart = startOfBar(bar.time, '1Day', zone) ?? 0
  const isNewDay = dayStart > quote.dayStart
  const end = bar.time + 60
  return {
    ...quote,
    digits,
    barAt: bar.time,
    ...(end > quote.lastAt && { last: bar.close, lastAt: end }),
    ...(isNewDay && { open: bar.open, dayStart }),
    spark: withPoint(quote.spark, bar),
  }
}

/** Takes that a bar was withdrawn: what it said stays until the bar before it is read. */
export function withWithdrawn(quote: Quote, { time }: Bar): Quote {
  if (time < quote.barAt) return quote
  return { ...quote, barAt: 0, dayStart: 0, ...(quote.lastAt <= time + 60 && { lastAt: 0 }) }
}

/** Takes the trades of a batch. */
export function withTrade(
  quote: Quote,
  { close, time }: { readonly close: string; readonly time: number },
): Quote {
  if (time < quote.lastAt && time < quote.barAt + 60) return quote
  return { ...quote, last: close, lastAt: time, digits: digitsOf(quote.digits, [close]) }
}

/** The most decimals among prices. */
export function digitsOf(known: number, prices: readonly string[]): number {
  return prices.reduce((most, price) => Math.max(most, Math.min(MOST_DIGITS, decimalsOf(price))), known)
}

function withPoint(spark: Quote['spark'], { time, close }: Bar): Quote['spark'] {
  const start = time - (time % SPARK_STEP)
  const before = spark.at(-1)
  if (before !== undefined && before.time > start) return spark
  const kept = before?.time === start ? spark.slice(0, -1) : spark
  return [...kept.filter((point) => point.time > start - SPARK_SPAN), { time: start, close }]
}
