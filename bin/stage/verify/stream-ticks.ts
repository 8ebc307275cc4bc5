import type { KinesisStreamRecord } from 'aws-lambda'

import { type AllowsNonPositive, createTickParser } from '../../../functions/aggregator/decode.ts'
import { groupTrades } from '../../../functions/aggregator/group-trades.ts'
import { placesOf } from '../../../functions/aggregator/sent-trades.ts'
import { countOf, type TradeRun } from '../../../functions/domain/trade.ts'
import { parseBatch } from '../../../functions/shared/streams/consume.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { readStream } from '../read-stream.ts'

/** A record of a stream, with the place of each of its ticks among all that it holds: some may be unreadable. */
export type StreamRun = TradeRun & { readonly places: readonly number[] }

/** The ticks that a stream still has from a time on (Unix milliseconds), by symbol, in the order of their shard. */
export async function readTicks(
  deployed: DeployedStage,
  stream: string,
  { from, allowsNonPositive }: { readonly from: number; readonly allowsNonPositive: AllowsNonPositive },
): Promise<Map<string, StreamRun[]>> {
  const runs = new Map<string, StreamRun[]>()
  for await (const records of readStream(deployed, stream, from))
    for (const record of records)
      for (const run of runsOf(record, allowsNonPositive)) {
        const others = runs.get(run.symbol)
        if (others === undefined) runs.set(run.symbol, [run])
        else others.push(run)
      }
  return runs
}

function* runsOf(
  record: KinesisStreamRecord,
  allowsNonPositive: AllowsNonPositive,
): Generator<StreamRun & { readonly symbol: string }> {
  const parsed = parseBatch([record], createTickParser([record], allowsNonPositive)).readable
  const items = parsed.map(({ item }) => item)
  for (const [symbol, runs] of groupTrades(parsed).runs) {
    const places = placesOf(items, symbol)
    for (const run of runs) {
      const from = run.skipped ?? 0
      yield { ...run, symbol, places: places.slice(from, from + countOf(run.trades)) }
    }
  }
}
