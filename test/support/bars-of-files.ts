import { gatherTrades, type RejectedRow } from '../../bin/stage/gather-trades.ts'
import { putTrades } from '../../bin/stage/put-trades.ts'
import { tradeChecker } from '../../bin/stage/check-trade.ts'
import type { TradeCounts } from '../../bin/stage/trade-counts.ts'
import type { Encoding } from '../../feed/encode-record.ts'
import type { ReadOptions, TradeTable } from '../../feed/files/read-trades.ts'
import { aggregate } from '../../functions/aggregator/aggregate.ts'
import { createBarStream } from '../../functions/minute-state/bar-stream.ts'
import { StateCache } from '../../functions/minute-state/state-cache.ts'
import { minuteStateCodec } from '../../functions/minute-state/store.ts'
import { sweep } from '../../functions/sweeper/sweep.ts'
import { fakeKinesis } from '../feed/fake-kinesis.ts'
import { kinesisRecord } from './kinesis-event.ts'
import { createMemoryStateStore } from './memory-state-store.ts'

/** What files of trades came to: through the real aggregator, over a stream and a table in memory. */
export type BarsOfFiles = {
  /** `SYMBOL MINUTE open high low close volume trade_count revision complete`, by symbol and minute, the last revision each. */
  readonly bars: readonly string[]
  readonly rejected: readonly RejectedRow[]
  readonly tables: readonly TradeTable[]
  readonly counts: TradeCounts
  /** The records of `ticks` as JSON. */
  readonly records: readonly string[]
}

type FileOptions = ReadOptions & { readonly folder: string; readonly now?: number }

/**
 * Puts files in either encoding, of which the bars are the same.
 *
 * @param options.folder empty, for what does not fit into memory
 */
export async function barsOfFiles(files: readonly string[], options: FileOptions): Promise<BarsOfFiles> {
  const { bars } = await barsOfEncoding('compact', files, options)
  const ofJson = await barsOfEncoding('json', files, options)
  if (ofJson.bars.join('\n') !== bars.join('\n')) throw new Error('compact records make other bars')
  return ofJson
}

async function barsOfEncoding(
  encoding: Encoding,
  files: readonly string[],
  { folder, now = Date.now(), ...read }: FileOptions,
): Promise<BarsOfFiles> {
  const rejected: RejectedRow[] = []
  const tables: TradeTable[] = []
  const gathered = await gatherTrades(files, {
    read,
    folder,
    check: tradeChecker({ now: () => now, allowsNonPositive: () => false }),
    onTable: (table) => tables.push(table),
    onRejected: (row) => rejected.push(row),
  })
  const ticks = fakeKinesis()
  await putTrades(gathered, {
    kinesis: ticks.kinesis,
    stream: 'ticks',
    ticksPerRecord: 50,
    encoding,
    onRejected: (row) => rejected.push(row),
  })
  const records = ticks.read().map(({ data, partitionKey }, sequence) => {
    return kinesisRecord({ data, partitionKey, sequence, arrivedAt: now })
  })
  return {
    bars: await barsOf(records, now),
    rejected,
    tables,
    counts: gathered.counts,
    records: ticks.read().map(({ data }) => Buffer.from(data).toString()),
  }
}

async function barsOf(records: readonly ReturnType<typeof kinesisRecord>[], now: number): Promise<string[]> {
  const found = new Map<string, { readonly revision: number; readonly text: string }>()
  const sink = createBarStream(async (_, put) => {
    const lines = put.flatMap(({ Data = Buffer.of() }) => Buffer.from(Data).toString().split('\n'))
    for (const line of lines) {
      const bar: Record<string, string | number | boolean | null> = JSON.parse(line)
      const { symbol, timestamp, open, high, low, close, volume, trade_count, revision, complete } = bar
      const text = [symbol, timestamp, open, high, low, close, volume, trade_count, revision, complete]
        .map(String)
        .join(' ')
      if ((found.get(`${symbol} ${timestamp}`)?.revision ?? 0) < Number(revision))
        found.set(`${symbol} ${timestamp}`, { revision: Number(revision), text })
    }
    return { Records: put.map(() => ({ SequenceNumber: '1' })) }
  }, 'bars')
  const store = createMemoryStateStore(minuteStateCodec)
  const rules = { latenessSeconds: 120, graceMs: 86_400_000, maxPending: 200 }
  const deadLetters = async (rejected: readonly unknown[]): Promise<void> => {
    if (rejected.length > 0) throw new Error(`the aggregator rejects ${JSON.stringify(rejected)}`)
  }
  const deps = { store, sink, rules, cache: new StateCache(), allowsNonPositive: () => false, deadLetters }
  await aggregate({ ...deps, now: () => now }, records)
  await sweep({ store, sink, rules }, { kind: 'all', now: () => now })
  return [...found.keys()].toSorted().map((key) => found.get(key)?.text ?? '')
}
