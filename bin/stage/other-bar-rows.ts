import { type ColumnOf, type Table, tableOf } from '../../functions/api/http/table.ts'
import type { OtherBar } from '../../functions/domain/other-bars/other-bar.ts'
import type { SideSource } from '../../functions/domain/other-bars/sides.ts'
import { UsageError } from '../terminal/errors.ts'

/** A bar of any kind, and whose it is. */
export type OtherBarRow = { readonly symbol: string; readonly bar: OtherBar }

/** Volumes of sides that are guessed say so in their names. */
const SIDE_COLUMNS = {
  venue: ['buy_volume', 'sell_volume'],
  'tick-rule': ['tick_rule_buy_volume', 'tick_rule_sell_volume'],
} as const satisfies Record<SideSource, readonly string[]>

/** The columns of bars of any kind. */
export function otherBarColumns(side: SideSource): readonly ColumnOf<OtherBarRow>[] {
  const [buys, sells] = SIDE_COLUMNS[side]
  return [
    ['symbol', 'text', ({ symbol }) => symbol],
    ['timestamp', 'nanosecond', ({ bar }) => momentText(bar.seconds, bar.nanos)],
    ['last_trade', 'nanosecond', ({ bar }) => momentText(bar.lastSeconds, bar.lastNanos)],
    ['open', 'decimal', ({ bar }) => bar.open],
    ['high', 'decimal', ({ bar }) => bar.high],
    ['low', 'decimal', ({ bar }) => bar.low],
    ['close', 'decimal', ({ bar }) => bar.close],
    ['volume', 'decimal', ({ bar }) => bar.volume],
    ['notional', 'decimal', ({ bar }) => bar.notional],
    ['vwap', 'decimal', ({ bar }) => bar.vwap],
    ['trade_count', 'integer', ({ bar }) => bar.tradeCount],
    [buys, 'decimal', ({ bar }) => bar.buyVolume],
    [sells, 'decimal', ({ bar }) => bar.sellVolume],
    ['closed', 'boolean', ({ bar }) => bar.isClosed],
  ]
}

/** Bars of any kind as a table. */
export function otherBarTable(side: SideSource): (rows: readonly OtherBarRow[]) => Table {
  const columns = otherBarColumns(side)
  return (rows) => tableOf(rows, columns)
}

/** A time with all its digits: `2025-10-10T14:32:15.123456789Z`. */
function momentText(seconds: number, nanos: number): string {
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fraction}Z`
}

/** Bars of a kind that needs sides cannot be made of trades without any. */
export function noSides(kind: string, side: SideSource): UsageError {
  return new UsageError(
    side === 'venue'
      ? `no trade says who took the liquidity, which ${kind} needs: give --side tick-rule to guess it from the prices, or another kind`
      : `no price moves, so that the tick rule gives no side, which ${kind} needs: give another kind`,
  )
}

/** What to say of symbols without sides, where others have them. */
export function sidelessText(symbols: readonly string[], kind: string): string {
  return `no trade of ${symbols.join(', ')} has a side, so that no bar of ${kind} closes there`
}
