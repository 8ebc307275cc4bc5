import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { toRevisedBar } from '../../../functions/analytics/revised-bar.ts'
import { startSymbol } from '../../../functions/analytics/state-codec.ts'
import { barOf } from '../../../functions/domain/bar.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import type { SymbolEvent } from '../../../functions/domain/event.ts'
import { BarFold, type MinuteSignals, type RevisedBar } from '../../../functions/domain/signals.ts'
import { INITIAL_STATE, type MinuteState } from '../../../functions/domain/minute-state.ts'
import type { Trade } from '../../../functions/domain/trade.ts'
import { readAnalysis } from '../../../functions/shared/runtime/analysis-fields.ts'
import { barText } from '../../../functions/minute-state/bar-stream.ts'
import { parseBarRecord } from '../../../functions/shared/streams/records.ts'
import { runOf, trade } from '../../support/trades.ts'

const START = 1_760_106_720
const analysis = readAnalysis({
  indicators: 'sma(2) obv rsi(3) adx(2) vwap stochastic(3,2,2)',
  patterns: 'doji engulfing',
  vwapAnchor: 'UTC 00:00',
})

/** Ticks of a symbol as they arrive, some late, cut into batches; now and then everything is flushed. */
const arrivals = fc.record({
  latenessSeconds: fc.constantFrom(0, 60, 120, 600),
  ticks: fc.array(
    fc.record({
      step: fc.integer({ min: 0, max: 90 }),
      lateBy: fc.option(fc.double({ min: 0, max: 1.2, noNaN: true }), { freq: 2, nil: undefined }),
      price: fc.integer({ min: 95, max: 105 }),
      volume: fc.integer({ min: 0, max: 4 }),
      ends: fc.oneof(
        { arbitrary: fc.constant('nothing'), weight: 12 },
        { arbitrary: fc.constantFrom('batch', 'all'), weight: 1 },
      ),
    }),
    { minLength: 20, maxLength: 80 },
  ),
})

type Arrivals = typeof arrivals extends fc.Arbitrary<infer Value> ? Value : never

/** What the aggregator puts on the stream `bars`, in order. */
function barsOf({ ticks, latenessSeconds }: Arrivals): RevisedBar[] {
  const rules = { latenessSeconds, graceMs: 2000 }
  const bars: RevisedBar[] = []
  let state: MinuteState = INITIAL_STATE
  const happens = (event: SymbolEvent) => {
    const { outbox } = ({ state } = evolve(state, event, rules)).state
    for (const { builder, closedAt } of outbox)
      bars.push(toRevisedBar(parseBarRecord(barText(barOf('A', builder, { closedAt })))))
    ;({ state } = evolve(state, { type: 'emitted', count: outbox.length }, rules))
  }
  let newest = START
  let batch: Trade[] = []
  for (const [index, { step, lateBy, price, volume, ends }] of ticks.entries()) {
    if (lateBy === undefined) newest += step
    const seconds = newest - Math.floor((lateBy ?? 0) * latenessSeconds)
    batch.push(trade({ seconds, price, volume }))
    if (ends === 'nothing') continue
    const run = runOf(batch, { sequenceNumber: String(index + 1) })
    happens({ type: 'trades', now: 0, runs: [run] })
    batch = []
    if (ends === 'all') happens({ type: 'flush', now: 0 })
  }
  return bars
}

/** By minute, what the last revision of its signals says. */
function rowsOf(signals: readonly MinuteSignals[]) {
  const last = new Map<number, MinuteSignals>()
  for (const each of signals)
    if (each.revision > (last.get(each.start)?.revision ?? 0)) last.set(each.start, each)
  return [...last.values()]
    .toSorted((one, other) => one.start - other.start)
    .map(({ start, values, patterns }) => ({
      start,
      values,
      patterns: patterns.map(({ pattern }) => pattern.name),
    }))
}

function signalsOf(bars: readonly RevisedBar[], latenessSeconds: number) {
  const fold = new BarFold(analysis, startSymbol(analysis), { latenessSeconds })
  return fold.take(bars)
}

describe('signals of what the aggregator emits', () => {
  it('are those of the final bars, however late ticks come and however they are batched', () => {
    fc.assert(
      fc.property(arrivals, (given) => {
        const bars = barsOf(given)
        const final = new Map<number, RevisedBar>()
        for (const each of bars)
          if (each.revision > (final.get(each.bar.start)?.revision ?? 0)) final.set(each.bar.start, each)
        const once = [...final.values()]
          .toSorted((one, other) => one.bar.start - other.bar.start)
          .map((each) => ({ ...each, revision: 1 }))
        const { signals, finalized } = signalsOf(bars, given.latenessSeconds)
        expect(finalized).toBe(0)
        expect(rowsOf(signals)).toEqual(rowsOf(signalsOf(once, given.latenessSeconds).signals))
      }),
      { numRuns: 500 },
    )
  })

  it('count a bar that comes when its minute can change no more', () => {
    const ofMinutes = (...minutes: number[]): RevisedBar[] =>
      minutes.map((minute) => ({
        bar: { start: START + 60 * minute, open: 1, high: 1, low: 1, close: 1, volume: 1, vwap: 1 },
        revision: 1,
        withdrawn: false,
        closedAt: 0,
      }))
    expect(signalsOf(ofMinutes(0, 1, 2, 3, 0), 120)).toMatchObject({ duplicates: 0, finalized: 1 })
    expect(signalsOf(ofMinutes(0, 1, 2, 3, 1), 120)).toMatchObject({ duplicates: 1, finalized: 0 })
  })
})
