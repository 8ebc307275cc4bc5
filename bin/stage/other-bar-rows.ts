import type { OtherBar } from '../../functions/domain/other-bars/other-bar.ts'
import type { SideSource } from '../../functions/domain/other-bars/sides.ts'
import { UsageError } from '../terminal/errors.ts'
import type { CsvRow } from './write-csv.ts'

/** Volumes of sides that are guessed say so in their names. */
const SIDE_COLUMNS = {
  venue: ['buy_volume', 'sell_volume'],
  'tick-rule': ['tick_rule_buy_volume', 'tick_rule_sell_volume'],
} as const satisfies Record<SideSource, readonly string[]>

/** The columns of bars of any kind. */
export function otherBarColumns(side: SideSource): readonly string[] {
  return [
    'symbol',
    'timestamp',
    'last_trade',
    'open',
    'high',
    'low',
    'close',
    'volume',
    'notional',
    'vwap',
    'trade_count',
    ...SIDE_COLUMNS[side],
    'closed',
  ]
}

/** The cells of a bar. */
export function otherBarCells(symbol: string, bar: OtherBar): CsvRow {
  return [
    symbol,
    momentText(bar.seconds, bar.nanos),
    momentText(bar.lastSeconds, bar.lastNanos),
    bar.open,
    bar.high,
    bar.low,
    bar.close,
    bar.volume,
    bar.notional,
    bar.vwap,
    `${bar.tradeCount}`,
    bar.buyVolume,
    bar.sellVolume,
    `${bar.isClosed}`,
  ]
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
