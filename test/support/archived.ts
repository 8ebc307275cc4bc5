import { archivedTradeAt } from '../../functions/archive/archive-columns.ts'
import type { ArchivedTrade } from '../../functions/archive/archived-trade.ts'
import { readArchive } from '../../functions/archive/read-archive.ts'
import { formatDecimal } from '../../functions/domain/decimal.ts'

/** All rows of an object of the archive. */
export async function archivedTrades(
  bytes: Uint8Array,
  options: Parameters<typeof readArchive>[1] = {},
): Promise<ArchivedTrade[]> {
  const groups = await readArchive(bytes, options)
  return groups.flatMap((columns) =>
    Array.from({ length: columns.count }, (_, index) => archivedTradeAt(columns, index)),
  )
}

/** A row with its decimals as text, which has one spelling. */
export function spelled(row: ArchivedTrade) {
  const text = (decimal: ArchivedTrade['price']) => decimal && formatDecimal(decimal.units, decimal.scale)
  return {
    ...row,
    price: text(row.price),
    volume: text(row.volume),
    wasPrice: text(row.wasPrice),
    wasVolume: text(row.wasVolume),
  }
}

/** A row of one trade of A at 100, and what else is given. */
export function archivedTrade(others: Partial<ArchivedTrade> = {}): ArchivedTrade {
  return {
    symbol: 'A',
    seconds: 1_760_106_720,
    nanos: 0,
    type: 'trade',
    price: { units: 100, scale: 0 },
    volume: { units: 1, scale: 0 },
    wasPrice: undefined,
    wasVolume: undefined,
    id: undefined,
    line: undefined,
    contiguous: undefined,
    conditions: undefined,
    tape: undefined,
    side: undefined,
    source: undefined,
    sequence: undefined,
    shard: 'shardId-000000000000',
    sequenceNumber: '49600',
    place: 0,
    arrivedAt: 1_760_106_721_000,
    ...others,
  }
}
