import { bigPower, MAX_DECIMALS, POWERS } from './decimal.ts'
import { type Trades, UPDATES } from './trade.ts'

export const MINUTE_SECONDS = 60

/**
 * The fold of one minute's trades, exact and independent of how they were batched.
 *
 * Prices and volumes are whole units of a power of ten, the smallest that came. The common trade costs a few machine
 * multiplications and no allocation: each sum is a double that is carried into a bigint before it could lose a digit.
 * A price or volume that is no exact double moves the minute's prices to `exact`.
 */
export type BarBuilder = {
  /** Unix seconds of the minute's start. */
  start: number
  /** The last revision given to a bar of this minute; 0 before the first. */
  revision: number
  /** Trades that update the volume. */
  count: number
  /** When the trade happened that gave the open, and the close: whole seconds after the start, and nanoseconds. */
  openSecond: number
  openNanos: number
  closeSecond: number
  closeNanos: number
  /** Decimals of the prices, and of the volume; the notional has as many as both together. */
  priceScale: number
  volumeScale: number
  /** NaN until a trade came that may set it, and where `exact` holds the prices. */
  open: number
  high: number
  low: number
  close: number
  volume: number
  /** To be added to `volume`. */
  volumeCarry: bigint
  /** Σ(price·volume). */
  notional: number
  notionalCarry: bigint
  exact: ExactPrices | undefined
  /** Some trade counts on no contiguous line. */
  uncounted: boolean
  /** Trades were missing when their gap was forgotten, or a change could not be made: no longer to be mended here. */
  damaged: boolean
  /** A trade set a price and did not update the volume. */
  priceOnly: boolean
  /** All of its trades were cancelled: its prices are those of before, and the next trade starts it anew. */
  emptied: boolean
  /** What the last emitted bar said of its completeness; undefined before the first. */
  said: boolean | null | undefined
}

/** Prices that are no exact doubles, in units of 10⁻¹⁸. */
type ExactPrices = {
  open: bigint | undefined
  high: bigint | undefined
  low: bigint | undefined
  close: bigint | undefined
}

/** Unix seconds of the start of the minute in which a time lies. */
export function minuteOf(seconds: number): number {
  // A remainder of doubles would take several times as long.
  return Math.floor(seconds / MINUTE_SECONDS) * MINUTE_SECONDS
}

/** A minute without trades. */
export function startBar(start: number): BarBuilder {
  return {
    start,
    revision: 0,
    count: 0,
    openSecond: 0,
    openNanos: 0,
    closeSecond: 0,
    closeNanos: 0,
    priceScale: 0,
    volumeScale: 0,
    open: Number.NaN,
    high: Number.NaN,
    low: Number.NaN,
    close: Number.NaN,
    volume: 0,
    volumeCarry: 0n,
    notional: 0,
    notionalCarry: 0n,
    exact: undefined,
    uncounted: false,
    damaged: false,
    priceOnly: false,
    emptied: false,
    said: undefined,
  }
}

/** A copy that can be changed. */
export function copyBar(bar: BarBuilder): BarBuilder {
  return { ...bar, exact: bar.exact && { ...bar.exact } }
}

/** A minute whose trades are gone, as it was before them; what is known of missing trades stays. */
function startAgain({ start, revision, uncounted, damaged, said }: BarBuilder): BarBuilder {
  return { ...startBar(start), revision, uncounted, damaged, said }
}

/** True once a bar of the minute can be told: some trade has set its prices. */
export function hasPrices(bar: BarBuilder): boolean {
  return bar.exact === undefined ? !Number.isNaN(bar.open) : bar.exact.open !== undefined
}

/** A sum or summand beyond this is carried, so that the sum of two is exact in a double. */
const LIMIT = 2 ** 52

/**
 * Folds the trades at the places `from` to `to` (not included, absolute) of their columns into a bar, in place; all lie in
 * its minute. Trades are given in order of arrival.
 */
export function addTrades(bar: BarBuilder, trades: Trades, { from, to }: { from: number; to: number }): void {
  if (bar.emptied && from < to) Object.assign(bar, startAgain(bar))
  if (bar.priceScale < trades.priceScale || bar.volumeScale < trades.volumeScale) rescale(bar, trades)
  const isPlain = trades.wide === undefined && bar.exact === undefined
  const next = isPlain ? addPlain(bar, trades, from, to) : from
  for (let index = next; index < to; index++) addExact(bar, trades, index)
}

/** The tight loop; gives the first place that it cannot take. */
function addPlain(bar: BarBuilder, trades: Trades, from: number, to: number): number {
  const { seconds, nanos, price, volume, updates } = trades.columns
  const priceFactor = POWERS[bar.priceScale - trades.priceScale] ?? Number.NaN
  const volumeFactor = POWERS[bar.volumeScale - trades.volumeScale] ?? Number.NaN
  const { isOrdered, hasUpdates } = trades
  let { high, low, notional } = bar
  let sum = bar.volume
  let count = 0
  let index = from
  for (; index < to; index++) {
    const units = (price[index] ?? 0) * priceFactor
    const size = (volume[index] ?? 0) * volumeFactor
    // A product of whole numbers that rounds to less is itself less.
    if (!(units <= LIMIT && units >= -LIMIT && size <= LIMIT)) break
    const changes = hasUpdates ? (updates[index] ?? UPDATES.all) : UPDATES.all
    if ((changes & UPDATES.highLow) !== 0) {
      if (!(units <= high)) high = units
      if (!(units >= low)) low = units
    }
    if ((changes & UPDATES.volume) !== 0) {
      count++
      sum += size
      const product = units * size
      if (product <= LIMIT && product >= -LIMIT) notional += product
      else bar.notionalCarry += BigInt(units) * BigInt(size)
      if (sum > LIMIT) {
        bar.volumeCarry += BigInt(sum)
        sum = 0
      }
      if (notional > LIMIT || notional < -LIMIT) {
        bar.notionalCarry += BigInt(notional)
        notional = 0
      }
    } else if (changes !== 0) bar.priceOnly = true
    if ((changes & UPDATES.openClose) !== 0 && (!isOrdered || hasUpdates))
      setOpenClose(bar, units, seconds[index] ?? 0, nanos[index] ?? 0)
  }
  bar.high = high
  bar.low = low
  bar.notional = notional
  bar.volume = sum
  bar.count += count
  if (isOrdered && !hasUpdates && index > from) {
    setOpenClose(bar, (price[from] ?? 0) * priceFactor, seconds[from] ?? 0, nanos[from] ?? 0)
    const last = index - 1
    if (last > from) setOpenClose(bar, (price[last] ?? 0) * priceFactor, seconds[last] ?? 0, nanos[last] ?? 0)
  }
  return index
}

/** Takes a price as open or close by its time; of two trades at one time the first opens and the last closes. */
function setOpenClose(bar: BarBuilder, units: number, seconds: number, nanos: number): void {
  const second = secondIn(bar, seconds)
  if (Number.isNaN(bar.open) || opensBefore(bar, second, nanos)) {
    bar.open = units
    setOpenTime(bar, second, nanos)
  }
  if (Number.isNaN(bar.close) || !closesAfter(bar, second, nanos)) {
    bar.close = units
    setCloseTime(bar, second, nanos)
  }
}

/** Whole seconds of a time after the minute's start. Small integers, here and below: they take no memory of their own. */
function secondIn({ start }: BarBuilder, seconds: number): number {
  return (seconds - start) | 0
}

function setOpenTime(bar: BarBuilder, second: number, nanos: number): void {
  bar.openSecond = second
  bar.openNanos = nanos | 0
}

function setCloseTime(bar: BarBuilder, second: number, nanos: number): void {
  bar.closeSecond = second
  bar.closeNanos = nanos | 0
}

/** True for a time before that of the open. */
function opensBefore({ openSecond, openNanos }: BarBuilder, second: number, nanos: number): boolean {
  return second < openSecond || (second === openSecond && nanos < openNanos)
}

/** True for a time before that of the close. */
function closesAfter({ closeSecond, closeNanos }: BarBuilder, second: number, nanos: number): boolean {
  return second < closeSecond || (second === closeSecond && nanos < closeNanos)
}

/** Folds one trade of any size. */
function addExact(bar: BarBuilder, trades: Trades, index: number): void {
  const { columns, wide, from } = trades
  const exact = exactPrices(bar)
  const given = wide?.[index - from]
  const price =
    (given?.price ?? BigInt(columns.price[index] ?? 0)) * bigPower(MAX_DECIMALS - trades.priceScale)
  const size =
    (given?.volume ?? BigInt(columns.volume[index] ?? 0)) * bigPower(MAX_DECIMALS - trades.volumeScale)
  const changes = columns.updates[index] ?? UPDATES.all
  const second = secondIn(bar, columns.seconds[index] ?? 0)
  const nanos = columns.nanos[index] ?? 0
  if ((changes & UPDATES.highLow) !== 0) {
    if (exact.high === undefined || price > exact.high) exact.high = price
    if (exact.low === undefined || price < exact.low) exact.low = price
  }
  if ((changes & UPDATES.volume) !== 0) {
    bar.count++
    bar.volumeCarry += size
    bar.notionalCarry += price * size
  } else if (changes !== 0) bar.priceOnly = true
  if ((changes & UPDATES.openClose) === 0) return
  if (exact.open === undefined || opensBefore(bar, second, nanos)) {
    exact.open = price
    setOpenTime(bar, second, nanos)
  }
  if (exact.close === undefined || !closesAfter(bar, second, nanos)) {
    exact.close = price
    setCloseTime(bar, second, nanos)
  }
}

/** The bar's prices as bigints, from now on. */
function exactPrices(bar: BarBuilder): ExactPrices {
  if (bar.exact !== undefined) return bar.exact
  const raise = (units: number): bigint | undefined =>
    Number.isNaN(units) ? undefined : BigInt(units) * bigPower(MAX_DECIMALS - bar.priceScale)
  bar.exact = {
    open: raise(bar.open),
    high: raise(bar.high),
    low: raise(bar.low),
    close: raise(bar.close),
  }
  bar.open = Number.NaN
  bar.high = Number.NaN
  bar.low = Number.NaN
  bar.close = Number.NaN
  raiseSums(bar, { priceScale: MAX_DECIMALS, volumeScale: MAX_DECIMALS })
  return bar.exact
}

type Scales = { readonly priceScale: number; readonly volumeScale: number }

/** Gives a bar at least the decimals of some trades. */
function rescale(bar: BarBuilder, trades: Scales): void {
  if (bar.count === 0 && Number.isNaN(bar.high) && bar.exact === undefined) {
    bar.priceScale = trades.priceScale
    bar.volumeScale = trades.volumeScale
    return
  }
  const priceScale = Math.max(bar.priceScale, trades.priceScale)
  const volumeScale = Math.max(bar.volumeScale, trades.volumeScale)
  if (bar.exact === undefined) {
    const factor = POWERS[priceScale - bar.priceScale] ?? Number.NaN
    // No trade has set a price: NaN stays NaN, and compares as within.
    if (Math.abs(bar.high) * factor > LIMIT || Math.abs(bar.low) * factor > LIMIT) {
      exactPrices(bar)
      return
    }
    bar.open *= factor
    bar.high *= factor
    bar.low *= factor
    bar.close *= factor
  }
  raiseSums(bar, { priceScale, volumeScale })
}

function raiseSums(bar: BarBuilder, { priceScale, volumeScale }: Scales): void {
  const volumeFactor = bigPower(volumeScale - bar.volumeScale)
  const notionalFactor = bigPower(priceScale - bar.priceScale + (volumeScale - bar.volumeScale))
  bar.priceScale = priceScale
  bar.volumeScale = volumeScale
  setSum(bar, 'volume', (bar.volumeCarry + BigInt(bar.volume)) * volumeFactor)
  setSum(bar, 'notional', (bar.notionalCarry + BigInt(bar.notional)) * notionalFactor)
}

function setSum(bar: BarBuilder, name: 'volume' | 'notional', sum: bigint): void {
  const isSmall = sum <= BigInt(LIMIT) && sum >= -BigInt(LIMIT)
  bar[name] = isSmall ? Number(sum) : 0
  bar[`${name}Carry`] = isSmall ? 0n : sum
}
