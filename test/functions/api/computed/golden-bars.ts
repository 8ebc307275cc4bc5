import type { SeriesBar } from '../../../../functions/domain/series.ts'
import { ONE } from '../../../../functions/domain/series.ts'
import type { BarRecord } from '../../../../functions/shared/streams/records.ts'
import { bar } from '../../bar-writer/bars.ts'

/**
 * Minutes that roll up to a bar: one with its open, high, low and volume, and one `later` minutes after it with its close.
 *
 * @param start Unix milliseconds
 */
export function minutesOf(
  symbol: string,
  start: number,
  { bar: { open, high, low, close, volume }, later }: { readonly bar: SeriesBar; readonly later: number },
): BarRecord[] {
  const text = (units: number) => String(units / ONE)
  const known = { symbol, complete: true, trade_count: 1 }
  const [vwap, amount] = [text(high), BigInt(Math.round(volume / ONE))]
  return [
    bar({
      ...known,
      timestamp: minuteText(start),
      open: text(open),
      high: text(high),
      low: text(low),
      close: text(open),
      volume: String(amount),
      vwap,
      notional: null,
    }),
    bar({
      ...known,
      timestamp: minuteText(start + later * 60_000),
      open: text(close),
      high: text(close),
      low: text(close),
      close: text(close),
      volume: '0',
      vwap: null,
      notional: '0',
    }),
  ]
}

/** As a record has it. */
export function minuteText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

/** So many days that are no Saturday and no Sunday, Unix milliseconds. */
export function weekdays(first: string, count: number): number[] {
  const days: number[] = []
  for (let day = Date.parse(first); days.length < count; day += 24 * 3_600_000)
    if (![0, 6].includes(new Date(day).getUTCDay())) days.push(day)
  return days
}
