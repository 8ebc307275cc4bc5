import { plainFold } from '../../../bin/stage/verify/plain-fold.ts'
import { jsonOf } from '../../../functions/aggregator/unpack-record.ts'
import { barsIn } from '../../support/bars-in.ts'
import { toTrade } from '../../support/trades.ts'
import { shardRecord, World } from '../../support/world.ts'
import type { Stage } from './running-feed.ts'

/** The last revision of each bar that the stream makes, by symbol and start. */
export async function barsOf({ stream }: Pick<Stage, 'stream'>) {
  const records = stream
    .read()
    .map(({ data, partitionKey }, place) =>
      shardRecord({ data: jsonOf(data), symbol: partitionKey }, { shard: 0, place }),
    )
  const rules = { latenessSeconds: 120, graceMs: 2000 }
  const world = new World([records], { faults: [], rules, instances: 1 })
  await world.finish()
  return new Map(
    world.bars
      .flatMap(barsIn)
      .map((bar) => [`${bar.symbol} ${Date.parse(bar.timestamp) / 1000}`, bar] as const),
  )
}

/** The bars of the venue's own trades, by symbol and start. */
export function foldOf({ market, symbols }: Pick<Stage, 'market' | 'symbols'>) {
  return symbols.flatMap((symbol) => {
    const made = market
      .of(symbol)
      .map(({ micros, ...trade }) => toTrade({ ...trade, timestamp: (micros / 1e6).toFixed(6) }))
    return [...plainFold(made)].map(([start, bar]) => [`${symbol} ${start}`, bar] as const)
  })
}
