import type { RevisedBar } from '../domain/signals.ts'
import type { Parsed } from '../shared/streams/consume.ts'
import type { BarRecord } from '../shared/streams/records.ts'
import { toRevisedBar } from './revised-bar.ts'

/** Bars by the symbol that they name, whatever their partition key; within a symbol in the order of the shard. */
export type BarsBySymbol = ReadonlyMap<string, readonly RevisedBar[]>

/** Groups the records of a batch by symbol; the symbols come in the order of their first bars. */
export function groupBars(records: readonly Parsed<BarRecord>[]): BarsBySymbol {
  const bars = new Map<string, RevisedBar[]>()
  for (const { item } of records) {
    // An imported bar is of the past, and the next bar of trades does not follow on it.
    if (item.source !== null) continue
    const others = bars.get(item.symbol)
    if (others === undefined) bars.set(item.symbol, [toRevisedBar(item)])
    else others.push(toRevisedBar(item))
  }
  return bars
}
