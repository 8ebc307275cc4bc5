import type { ParsedRecord } from '../../functions/aggregator/parsed-record.ts'
import { formatDecimal } from '../../functions/domain/decimal.ts'
import { countOf, tradeAt, type Trades } from '../../functions/domain/trade.ts'

/** Trades as text, one each, whatever columns and units they are in. */
export function textsOf(trades: Trades): string[] {
  return Array.from({ length: countOf(trades) }, (_, place) => {
    const { seconds, nanos, price, volume, id, updates } = tradeAt(trades, place)
    const amounts = [price, volume].map(({ units, scale }) => formatDecimal(units, scale))
    return [seconds, nanos, ...amounts, id, updates].join(' ')
  })
}

/** A record with its trades as text, to be compared with what another reader made of it. */
export function comparable(record: ParsedRecord | undefined) {
  if (record === undefined) return undefined
  const { trades, replacements, ...others } = record
  const { isOrdered, hasIds, hasUpdates } = trades
  return {
    ...others,
    trades: textsOf(trades),
    replacements: replacements?.map(textsOf),
    flags: { isOrdered, hasIds, hasUpdates },
  }
}
