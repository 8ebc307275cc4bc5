import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'

import { encodeRecord } from '../feed/encode-record.ts'
import { symbolNames } from '../feed/symbols.ts'
import { aggregate, type AggregatorDeps } from '../functions/aggregator/aggregate.ts'
import { createAnalytics } from '../functions/analytics/analytics.ts'
import { createStateCodec } from '../functions/analytics/state-codec.ts'
import { archiveBatch } from '../functions/archiver/archive-batch.ts'
import { createBarWriter } from '../functions/bar-writer/bar-writer.ts'
import { DEFAULT_INDICATORS } from '../functions/domain/indicators/table.ts'
import { DEFAULT_PATTERNS } from '../functions/domain/patterns/table.ts'
import { createBarStream } from '../functions/minute-state/bar-stream.ts'
import { StateCache } from '../functions/minute-state/state-cache.ts'
import { minuteStateCodec } from '../functions/minute-state/store.ts'
import { readAnalysis } from '../functions/shared/runtime/analysis-fields.ts'
import { kinesisRecord } from '../test/support/kinesis-event.ts'
import { createMemoryStateStore } from '../test/support/memory-state-store.ts'
import type { Figure } from './measure.ts'

const START = 1_760_106_720
const ROUNDS = 20
const analysis = readAnalysis({
  indicators: DEFAULT_INDICATORS,
  patterns: DEFAULT_PATTERNS,
  vwapAnchor: 'America/New_York 00:00',
})

/** Time of the handlers over services in memory, which `bin/cost/handler-costs.ts` has: by what they are given. */
export async function benchHandlerCosts(): Promise<Figure[]> {
  const ofSymbols = await fit((count) => aggregation({ symbols: count, trades: 1 }), [50, 500])
  const ofTrades = await fit((count) => aggregation({ symbols: 100, trades: count }), [20, 480])
  const bars = await fit(analytics, [50, 500])
  const rows = await fit(barWriter, [50, 500])
  const archived = await fit(archiver, [1000, 20_000])
  const figure = (name: string, value: number): Figure => ({ name, value, unit: 'us' })
  return [
    figure('aggregator, a batch', Math.max(0, ofSymbols.fixed)),
    figure('aggregator, a symbol of a batch', ofSymbols.each),
    figure('aggregator, a trade', ofTrades.each / 100),
    figure('analytics, a bar', bars.each),
    figure('bar-writer, a row, without Postgres', rows.each),
    figure('archiver, a trade', archived.each),
  ]
}

/** Runs a handler on events of a size, one after the other. */
type Work = (count: number) => (round: number) => Promise<unknown>

/** Microseconds that a batch takes whatever its size, and for each of its items. */
async function fit(
  work: Work,
  [small, large]: readonly [number, number],
): Promise<{ fixed: number; each: number }> {
  const few = await fastestRound(work(small))
  const many = await fastestRound(work(large))
  const each = (many - few) / (large - small)
  return { fixed: few - small * each, each }
}

async function fastestRound(run: (round: number) => Promise<unknown>): Promise<number> {
  for (let round = 0; round < ROUNDS; round++) await run(round)
  let least = Infinity
  for (let round = ROUNDS; round < 3 * ROUNDS; round++) {
    const before = performance.now()
    await run(round)
    least = Math.min(least, 1000 * (performance.now() - before))
  }
  return least
}

const putAll: Parameters<typeof createBarStream>[0] = async (_stream, records) => ({
  FailedRecordCount: 0,
  Records: records.map(() => ({ SequenceNumber: '1' })),
})

function aggregation({ symbols, trades }: { readonly symbols: number; readonly trades: number }) {
  const deps: AggregatorDeps = {
    store: createMemoryStateStore(minuteStateCodec),
    sink: createBarStream(putAll, 'bars'),
    deadLetters: async () => {},
    rules: { latenessSeconds: 120, graceMs: 2000, maxPending: 200 },
    cache: new StateCache(),
    allowsNonPositive: () => false,
    now: () => (START + 86_400) * 1000,
  }
  const events = Array.from({ length: 3 * ROUNDS }, (_, round) => ticksOf({ symbols, trades, round }))
  return async (round: number) => {
    const { totals } = await aggregate(deps, events[round] ?? [])
    if (totals.applied !== symbols * trades)
      throw new Error(`of ${symbols * trades} trades, ${totals.applied} were applied`)
  }
}

function ticksOf({
  symbols,
  trades,
  round,
}: {
  symbols: number
  trades: number
  round: number
}): KinesisStreamRecord[] {
  return symbolNames(symbols).map((symbol, place) => {
    const ticks = Array.from({ length: trades }, (_, index) => ({
      symbol,
      timestamp: (START + round + index / trades).toFixed(3),
      price: (100 + ((round + index) % 50) / 100).toFixed(2),
      volume: String(1 + (index % 9)),
    }))
    const head = { symbol, source: 'feed', sequence: 1000 + round }
    const data = encodeRecord(head, ticks, { encoding: 'compact', jsonBytes: Infinity })
    const sequence = round * symbols + place
    return kinesisRecord({ data, partitionKey: symbol, sequence, arrivedAt: (START + round) * 1000 })
  })
}

function barEvent(count: number, round: number): KinesisStreamEvent {
  const timestamp = new Date((START + 60 * round) * 1000).toISOString().replace('.000Z', 'Z')
  const Records = symbolNames(count).map((symbol, place) => {
    const close = (100 + ((round * 7 + place) % 50) / 100).toString()
    const prices = { open: close, high: close, low: close, close, vwap: close }
    const data = JSON.stringify({
      type: 'bar',
      symbol,
      timestamp,
      timeframe: '1Min',
      revision: 1,
      ...prices,
      volume: '100',
      notional: '10000',
      trade_count: 60,
      complete: true,
      closed_at: START * 1000,
    })
    return kinesisRecord({
      data,
      partitionKey: symbol,
      sequence: round * count + place,
      arrivedAt: START * 1000,
    })
  })
  return { Records }
}

function analytics(count: number) {
  const run = createAnalytics(
    {
      analysis,
      latenessSeconds: 120,
      store: createMemoryStateStore(createStateCodec(analysis)),
      sink: async () => {},
      now: () => START * 1000,
    },
    { count: () => {}, logger: { warn: () => {}, error: () => {} } },
  )
  return async (round: number) => await run(barEvent(count, round))
}

function barWriter(count: number) {
  const run = createBarWriter({
    database: { query: async () => ({ rows: [] }) },
    deadLetters: async () => {},
    now: () => START * 1000,
    log: { error: () => {} },
    measure: () => {},
  })
  return async (round: number) => await run(barEvent(count, round))
}

function archiver(count: number) {
  const deps = { put: async () => {}, allowsNonPositive: () => false, now: () => (START + 86_400) * 1000 }
  return async (round: number) =>
    await archiveBatch(deps, ticksOf({ symbols: 100, trades: count / 100, round }))
}
