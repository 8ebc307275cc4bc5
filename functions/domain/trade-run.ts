import { type RunRecords, type TradeRun, tradesFrom } from './trade.ts'

/** The trades of a run from a place on, those before it being applied. */
export function runFrom(run: TradeRun, place: number): TradeRun {
  const trades = tradesFrom(run.trades, place)
  if (run.records !== undefined) return { ...run, trades }
  return {
    ...run,
    skipped: (run.skipped ?? 0) + place,
    isContinued: true,
    trades,
    replacements: run.replacements?.slice(place),
  }
}

/** The run of one of the records of a run, by the place of its trade. */
export function recordOf(run: TradeRun, records: RunRecords, place: number): TradeRun {
  const { shard, producer, line, type } = run
  const { columns, priceScale, volumeScale, wide } = run.trades
  const index = run.trades.from + place
  return {
    shard,
    sequenceNumber: records.sequenceNumbers[index] ?? '',
    arrivedAt: records.arrivals[index] ?? 0,
    producer,
    line,
    type,
    trades: {
      columns,
      from: index,
      to: index + 1,
      priceScale,
      volumeScale,
      isOrdered: true,
      hasIds: false,
      hasUpdates: false,
      wide,
    },
  }
}

/** True for trades that count on a contiguous line, so that a missing one would be noticed. */
export function isCounted({ line, trades }: TradeRun): boolean {
  return trades.hasIds && line !== undefined && line.isContiguous
}
