import { NO_ID } from '../domain/trade.ts'
import type { ArchiveColumns } from './archive-columns.ts'
import type { ArchivedTrade } from './archived-trade.ts'

/** Trades in the columns in which the archive is read. */
export function inColumns(trades: readonly ArchivedTrade[]): ArchiveColumns {
  const of = <Value>(read: (trade: ArchivedTrade) => Value): readonly Value[] => trades.map(read)
  const numbers = (read: (trade: ArchivedTrade) => number) => Float64Array.from(trades, read)
  return {
    count: trades.length,
    symbol: of(({ symbol }) => symbol),
    seconds: numbers(({ seconds }) => seconds),
    nanos: numbers(({ nanos }) => nanos),
    type: of(({ type }) => type),
    price: of(({ price }) => price),
    volume: of(({ volume }) => volume),
    wasPrice: of(({ wasPrice }) => wasPrice),
    wasVolume: of(({ wasVolume }) => wasVolume),
    id: numbers(({ id = NO_ID }) => id),
    line: of(({ line }) => line),
    contiguous: of(({ contiguous }) => contiguous),
    conditions: of(({ conditions }) => conditions),
    tape: of(({ tape }) => tape),
    side: of(({ side }) => side),
    source: of(({ source }) => source),
    sequence: numbers(({ sequence = -1 }) => sequence),
    shard: of(({ shard }) => shard),
    sequenceNumber: of(({ sequenceNumber }) => sequenceNumber),
    place: numbers(({ place }) => place),
    arrivedAt: numbers(({ arrivedAt }) => arrivedAt),
  }
}
