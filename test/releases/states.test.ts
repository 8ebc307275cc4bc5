import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { createAnalytics } from '../../functions/analytics/analytics.ts'
import { createStateCodec } from '../../functions/analytics/state-codec.ts'
import { barOf } from '../../functions/domain/bar.ts'
import { evolve } from '../../functions/domain/evolve.ts'
import { DEFAULT_INDICATORS } from '../../functions/domain/indicators/table.ts'
import type { MinuteState } from '../../functions/domain/minute-state.ts'
import { DEFAULT_PATTERNS } from '../../functions/domain/patterns/table.ts'
import { barText } from '../../functions/minute-state/bar-stream.ts'
import { minuteStateCodec } from '../../functions/minute-state/store.ts'
import { readAnalysis } from '../../functions/shared/runtime/analysis-fields.ts'
import type { Item } from '../../functions/shared/dynamodb/state-store.ts'
import type { SignalRecord } from '../../functions/shared/streams/records.ts'
import { kinesisRecord } from '../support/kinesis-event.ts'
import { createMemoryStateStore } from '../support/memory-state-store.ts'
import { runOf, trade } from '../support/trades.ts'

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`0.2.0/${name}.json`, import.meta.url), 'utf8'))
}

const T = Date.parse('2026-01-05T15:00:00Z') / 1000
const RULES = { latenessSeconds: 120, graceMs: 2000 }
const itemSchema = z.record(
  z.string(),
  z.union([z.strictObject({ S: z.string() }), z.strictObject({ N: z.string() })]),
)
const items = z
  .object({ open: itemSchema, pending: itemSchema, quiet: itemSchema })
  .parse(read('minute-state'))

/** Bars of an outbox as they go to the stream. */
function emitted({ outbox }: MinuteState): unknown[] {
  return outbox.map(({ builder, closedAt }): unknown =>
    JSON.parse(barText(barOf('AAPL', builder, { closedAt }))),
  )
}

const FIRST = {
  open: '150.25',
  high: '151',
  low: '150.25',
  close: '151',
  volume: '150.5',
  trade_count: 2,
  revision: 1,
}

function give(item: Item, second: number, sequence: number) {
  const run = runOf([trade({ seconds: T + second, price: '149.5', volume: '10' })], {
    sequenceNumber: `4965${sequence}`,
    arrivedAt: (T + sequence) * 1000,
    producer: { source: 'feed', sequence: 1000 + sequence },
  })
  return evolve(
    minuteStateCodec.decode(item),
    { type: 'trades', now: (T + sequence) * 1000, runs: [run] },
    RULES,
  )
}

describe('an item of minute-state of release 0.2.0', () => {
  it('goes on: the next minute closes its open bar, with all that was in it', () => {
    const { state } = give(items.open, 65, 70)
    expect(emitted(state)).toMatchObject([{ symbol: 'AAPL', timestamp: '2026-01-05T15:00:00Z', ...FIRST }])
    expect(state.open?.count).toBe(1)
  })

  it('knows what it has applied: a record that comes again is a duplicate', () => {
    expect(give(items.open, 10, 30).outcome).toMatchObject({ applied: 0, duplicates: 1 })
  })

  it('keeps the bars that may not be on the stream', () => {
    expect(emitted(minuteStateCodec.decode(items.pending))).toMatchObject([FIRST])
  })

  it('takes a late trade into a closed bar, with the next revision', () => {
    const { state, outcome } = give(items.quiet, 30, 131)
    expect(outcome).toMatchObject({ late: 1, revised: 1 })
    expect(emitted(state)).toMatchObject([
      { ...FIRST, low: '149.5', close: '149.5', volume: '160.5', trade_count: 3, revision: 2 },
    ])
  })
})

describe('an item of indicator-state of release 0.2.0', () => {
  it('goes on to the very indicators and patterns that that release computed', async () => {
    const fixture = z
      .object({
        state: z.base64(),
        bars: z.array(z.looseObject({})),
        signals: z.array(z.looseObject({})),
      })
      .parse(read('indicator-state'))
    const analysis = readAnalysis({
      indicators: DEFAULT_INDICATORS,
      patterns: DEFAULT_PATTERNS,
      vwapAnchor: 'America/New_York 00:00',
    })
    const codec = createStateCodec(analysis)
    const store = createMemoryStateStore(codec)
    await store.commit('AAPL', codec.decode({ state: { B: Buffer.from(fixture.state, 'base64') } }), {
      expectedVersion: 0,
    })
    const signals: SignalRecord[] = []
    const run = createAnalytics(
      {
        analysis,
        latenessSeconds: 120,
        store,
        sink: async (given) => void signals.push(...[...given.values()].flat()),
        now: () => T * 1000,
      },
      { logger: { warn: fail, error: fail }, count: () => undefined },
    )
    const Records = fixture.bars.map((bar, sequence) =>
      kinesisRecord({
        data: JSON.stringify(bar),
        partitionKey: 'AAPL',
        sequence: sequence + 50,
        arrivedAt: T * 1000,
      }),
    )
    expect(await run({ Records })).toEqual({ batchItemFailures: [] })
    expect(signals).toEqual(fixture.signals)
  })
})

function fail(message: string): void {
  throw new Error(message)
}
