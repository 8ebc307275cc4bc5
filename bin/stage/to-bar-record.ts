import { minuteText } from '../../functions/shared/runtime/minute-text.ts'
import type { FileBar } from '../../feed/files/bars/read-bars.ts'
import { type Decimal, divideHalfUp, formatDecimal, parseDecimal } from '../../functions/domain/decimal.ts'
import type { BarRecord } from '../../functions/shared/streams/records.ts'
import type { FeedTick } from '../../feed/tick.ts'
import type { Refusal } from './check-trade.ts'

const MINUTE = 60
const VWAP_DECIMALS = 8
const SCALE = 36

/**
 * A bar of a file as a record of the stream `bars`, or why it is none.
 *
 * A notional that no trades within low and high can add up to is left out: some files have the volume of the base there.
 *
 * @param options.check why the aggregator would reject a trade with a price and volume of the bar
 */
export function toBarRecord(
  bar: FileBar,
  { source, check }: { readonly source: string; readonly check: (tick: FeedTick) => Refusal | undefined },
): BarRecord | Refusal {
  const { symbol, timestamp, volume } = bar
  const start = Number(timestamp)
  for (const price of [bar.open, bar.high, bar.low, bar.close]) {
    const refusal = check({ symbol, timestamp, price, volume })
    if (refusal !== undefined) return refusal
  }
  if (start % MINUTE !== 0)
    return { reason: 'no-minute', detail: `the time ${timestamp} is not the start of a minute` }
  const [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(exact)
  const amount = exact(volume)
  if (
    open === undefined ||
    high === undefined ||
    low === undefined ||
    close === undefined ||
    amount === undefined
  )
    return { reason: 'bad-price', detail: 'a price or the volume is no decimal' }
  if ([open, close, low].some((each) => each > high) || [open, close].some((each) => each < low))
    return {
      reason: 'bad-bar',
      detail: `open ${bar.open} and close ${bar.close} are not between low ${bar.low} and high ${bar.high}`,
    }
  if (bar.trades !== undefined && !/^\d{1,15}$/.test(bar.trades))
    return { reason: 'bad-trades', detail: `${JSON.stringify(bar.trades)} is no number of trades` }
  const notional = within(bar.notional, low * amount, high * amount, 2 * SCALE)
  const vwap =
    notional === undefined || amount === 0n ? within(bar.vwap, low, high, SCALE) : vwapOf(notional, amount)
  return {
    type: 'bar',
    symbol,
    timestamp: minuteText(start),
    timeframe: '1Min',
    revision: 0,
    open: formatDecimal(open, SCALE),
    high: formatDecimal(high, SCALE),
    low: formatDecimal(low, SCALE),
    close: formatDecimal(close, SCALE),
    volume: formatDecimal(amount, SCALE),
    notional: notional === undefined ? null : formatDecimal(notional, 2 * SCALE),
    vwap: amount === 0n || vwap === undefined ? null : formatDecimal(vwap, SCALE),
    trade_count: Number(bar.trades ?? 0),
    complete: null,
    withdrawn: false,
    closed_at: (start + MINUTE) * 1000,
    source,
  }
}

/** A decimal in units of 10⁻³⁶. */
function exact(text: string): bigint | undefined {
  const read = parseDecimal(text)
  return typeof read === 'string' ? undefined : unitsOf(read, SCALE)
}

function unitsOf({ units, scale }: Decimal, wanted: number): bigint {
  return BigInt(units) * 10n ** BigInt(wanted - scale)
}

/** A value in units of 10^-scale, where it is a decimal between two others. */
function within(text: string | undefined, least: bigint, most: bigint, scale: number): bigint | undefined {
  if (text === undefined) return undefined
  const read = parseDecimal(text, { integerDigits: 45 })
  if (typeof read === 'string') return undefined
  const units = unitsOf(read, scale)
  return units >= least && units <= most ? units : undefined
}

/** Rounded half up to 8 decimals, in units of 10⁻³⁶. */
function vwapOf(notional: bigint, volume: bigint): bigint {
  const unit = 10n ** BigInt(SCALE - VWAP_DECIMALS)
  return divideHalfUp(notional, volume * unit) * unit
}
