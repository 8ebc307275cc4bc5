import { InvalidOptionError } from './errors.ts'
import { PricePath, STRAY_PER_DEVIATION } from './price-path.ts'
import { hashText } from './random.ts'
import type { Random } from './random.ts'
import { profileOf } from './symbols.ts'
import type { FeedTick } from './tick.ts'

/** The symbols and times of the synthetic market. */
export type SyntheticOptions = {
  readonly symbols: readonly string[]
  /** A whole number; the same seed gives the same ticks. */
  readonly seed: number
  /** Each symbol trades once per interval, from 0.001 s. */
  readonly intervalSeconds: number
  /** Unix milliseconds of the earliest tick. */
  readonly start: number
  /** Unix milliseconds before which the ticks end; without it they never do. */
  readonly end?: number
  /** Gives each tick the number of its interval as its id. @default false */
  readonly numbered?: boolean
}

/** Longest share of an interval by which a tick comes later than its symbol's own place in it. */
const JITTER = 0.1

/** Half of the gap between bid and ask, as a share of the price. */
const HALF_SPREAD = 0.00005

/**
 * How far prices stray from their symbol's own, as a standard deviation of their logarithm: long intervals would
 * lead them anywhere.
 */
const MAX_STRAY = 0.1

type Market = {
  readonly symbol: string
  readonly price: number
  readonly phase: number
  readonly path: PricePath
}

type TimedTick = { readonly timeMs: number; readonly tick: FeedTick }

/**
 * Synthetic trades in the order of their time, one per symbol and interval, without end unless `end` is given.
 *
 * Intervals count from the Unix epoch, and a tick depends on seed, symbol, interval length and the number of its
 * interval alone. So a run that starts where another ended continues the same series, and a symbol's ticks are
 * the same whatever other symbols there are.
 *
 * @throws InvalidOptionError
 */
export function syntheticTicks(options: SyntheticOptions): Generator<FeedTick, void, undefined> {
  return generate(checked(options))
}

function* generate(options: SyntheticOptions): Generator<FeedTick, void, undefined> {
  const { symbols, seed, intervalSeconds, start, end = Infinity, numbered = false } = options
  const markets = symbols.map((symbol) => openMarket(symbol, seed, intervalSeconds))
  const intervalMs = intervalSeconds * 1000
  for (let interval = Math.floor(start / intervalMs); interval * intervalMs < end; interval++) {
    const ticks = markets.map((market) => tickOf(market, interval, intervalMs))
    ticks.sort((a, b) => a.timeMs - b.timeMs)
    for (const { timeMs, tick } of ticks) {
      if (timeMs >= start && timeMs < end) yield numbered ? { ...tick, id: String(interval) } : tick
    }
  }
}

function openMarket(symbol: string, seed: number, intervalSeconds: number): Market {
  const { price, volatility } = profileOf(symbol)
  const hash = hashText(`${seed}:${symbol}`)
  const deviation = Math.min(volatility * 1e-6 * Math.sqrt(intervalSeconds), MAX_STRAY / STRAY_PER_DEVIATION)
  return { symbol, price, phase: hash[0] / 2 ** 32, path: new PricePath(hash, deviation) }
}

function tickOf(market: Market, interval: number, intervalMs: number): TimedTick {
  const { symbol, price, phase, path } = market
  const random = path.detailsAt(interval)
  const offset = phase * (1 - JITTER) + random() * JITTER
  const timeMs = Math.floor((interval + offset) * intervalMs)
  // In cents; trades happen at the bid or at the ask, seldom in between.
  const middle = price * Math.exp(path.levelAt(interval)) * 100
  const side = Math.min(1, Math.max(-1, (random() - 0.5) * 4))
  const cents = Math.max(1, Math.round(middle + side * Math.max(0.5, middle * HALF_SPREAD)))
  const tick = {
    symbol,
    timestamp: thousandths(timeMs),
    price: hundredths(cents),
    volume: String(shares(random)),
  }
  return { timeMs, tick }
}

/** Mostly round lots of 100, small ones most often; a quarter are odd lots of less than 100. */
function shares(random: Random): number {
  if (random() < 0.25) return 1 + Math.floor(99 * random() ** 2)
  return 100 * Math.min(1000, Math.floor(1 / Math.sqrt(1 - random())))
}

function hundredths(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
}

function thousandths(milliseconds: number): string {
  return `${Math.floor(milliseconds / 1000)}.${String(milliseconds % 1000).padStart(3, '0')}`
}

function checked(options: SyntheticOptions): SyntheticOptions {
  const { symbols, seed, intervalSeconds, start, end = start } = options
  if (symbols.length === 0 || new Set(symbols).size < symbols.length) {
    throw new InvalidOptionError('symbols', symbols.join(','), 'at least one symbol, and none twice')
  }
  if (!Number.isSafeInteger(seed)) throw new InvalidOptionError('seed', seed, 'a whole number')
  if (!(intervalSeconds >= 0.001 && intervalSeconds <= 86_400)) {
    throw new InvalidOptionError('intervalSeconds', intervalSeconds, 'seconds from 0.001 to 86400')
  }
  if (!(start >= 0 && start < Infinity)) {
    throw new InvalidOptionError('start', start, 'Unix milliseconds')
  }
  if (!(end >= start)) throw new InvalidOptionError('end', end, 'Unix milliseconds, not before start')
  return options
}
