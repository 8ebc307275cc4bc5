import type { BarTable } from '../../feed/files/bars/read-bars.ts'
import type { TradeTable } from '../../feed/files/read-trades.ts'
import { UNIT_NAMES } from '../../feed/files/times.ts'

/** How a file is understood, in one line: `t.csv.gz: trades of Binance (CSV, gzip), times in microseconds, symbol BTCUSDT`. */
export function describeTable({
  label,
  kind,
  compression,
  format,
  unit,
  used,
  unused,
  symbol,
}: TradeTable | BarTable): string {
  const parts = [
    `${label}: ${format.title} (${[kind, ...compression].join(', ')})`,
    unit === undefined ? '' : `times in ${UNIT_NAMES[unit]}`,
    symbol === undefined ? '' : `symbol ${symbol}`,
    ...[...used].filter(([role, name]) => role !== name).map(([role, name]) => `${role} from ${name}`),
    unused.length === 0 ? '' : `not used: ${unused.join(', ')}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}
