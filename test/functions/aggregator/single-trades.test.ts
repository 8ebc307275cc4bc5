import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { KinesisStreamRecord } from 'aws-lambda'
import { createTickParser } from '../../../functions/aggregator/decode.ts'
import { groupTrades } from '../../../functions/aggregator/group-trades.ts'
import { barOf } from '../../../functions/domain/bar.ts'
import type { BarBuilder } from '../../../functions/domain/bar-builder.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import type { Rules, SymbolEvent } from '../../../functions/domain/event.ts'
import { INITIAL_STATE, type MinuteState } from '../../../functions/domain/minute-state.ts'
import { completenessBits, unpackBar } from '../../../functions/domain/packed-bar.ts'
import type { TradeRun } from '../../../functions/domain/trade.ts'
import { parseBatch } from '../../../functions/shared/streams/consume.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'

const START = 1_760_106_720

const runsOf = (records: readonly KinesisStreamRecord[]): readonly TradeRun[] =>
  groupTrades(
    parseBatch(
      records,
      createTickParser(records, () => false),
    ).readable,
  ).runs.get('A') ?? []

/** The state after runs, and what came of them, taken again and again until nothing is left. */
function applied(state: MinuteState, runs: readonly TradeRun[], rules: Rules) {
  let next = state
  const outcomes: unknown[] = []
  const bars: unknown[] = []
  let event: SymbolEvent | undefined = { type: 'trades', now: START * 1000 + 600_000, runs }
  while (event !== undefined) {
    const evolved: ReturnType<typeof evolve> = evolve(next, event, rules)
    const { refused, ...counts } = evolved.outcome
    outcomes.push(
      counts,
      refused.map(({ run, index, reason }) => [run.sequenceNumber, run.arrivedAt, index, reason]),
    )
    bars.push(...evolved.state.outbox.map(({ builder, closedAt }) => barOf('A', builder, { closedAt })))
    next = evolve(evolved.state, { type: 'emitted', count: evolved.state.outbox.length }, rules).state
    event = evolved.rest
  }
  return { state: next, outcomes, bars }
}

/** A state with its bars as text: units are those of the finest trade so far, and together of the finest of all. */
function told({ open, closed, ...others }: MinuteState) {
  const textOf = (bar: BarBuilder) => ({
    ...barOf('A', bar, { closedAt: 0 }),
    times: [bar.openSecond, bar.openNanos, bar.closeSecond, bar.closeNanos],
    flags: completenessBits(bar),
  })
  return { ...others, open: open && textOf(open), closed: closed.map((bar) => textOf(unpackBar(bar))) }
}

type Given = {
  readonly second: number
  readonly lateMs: number
  readonly price: string
  readonly sequence: number
}

const recordOf = ({ second, lateMs, price, sequence }: Given): KinesisStreamRecord =>
  kinesisRecord({
    data: `{"symbol":"A","price":${price},"volume":0.${sequence + 1},"timestamp":${START + second}.5}`,
    partitionKey: 'A',
    sequence,
    arrivedAt: (START + second) * 1000 + lateMs,
  })

/** One of the others, or, once in about fifty, what keeps records from being put together. */
const rarely = <Value>(others: fc.Arbitrary<Value>, value: Value): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 49, arbitrary: others }, { weight: 1, arbitrary: fc.constant(value) })

const given = fc.record({
  steps: fc.array(
    fc.record({
      ahead: fc.oneof(fc.nat(9), fc.integer({ min: -90, max: 40 })),
      lateMs: fc.constantFrom(500, 1000, 3000, 40_000, 150_000),
      price: rarely(fc.constantFrom('1', '1.5', '0.000001'), '999999999999.125'),
      skip: rarely(fc.constantFrom(1, 2), 0),
    }),
    { minLength: 4, maxLength: 30 },
  ),
  known: fc.nat(6),
  maxPending: fc.constantFrom(1, 2, Infinity),
  lateTrades: fc.constantFrom('correct' as const, 'refuse' as const),
})

describe('records of single trades', () => {
  it('come to the same state, bars and refusals together as one by one', () => {
    let together = 0
    fc.assert(
      fc.property(given, ({ steps, known, maxPending, lateTrades }) => {
        const rules: Rules = { latenessSeconds: 60, graceMs: 2000, maxPending, lateTrades }
        let second = 100
        let sequence = 1
        const records = steps.map(({ ahead, lateMs, price, skip }) => {
          second += ahead
          sequence += skip
          return recordOf({ second, lateMs, price, sequence })
        })
        const oneByOne = records.flatMap((record) => runsOf([record]))
        const inOneGo = runsOf(records)
        together += oneByOne.length - inOneGo.length
        // Some were applied by a batch before.
        const { state } = applied(INITIAL_STATE, oneByOne.slice(0, known), rules)
        const wanted = applied(state, oneByOne, rules)
        const made = applied(state, inOneGo, rules)
        expect(told(made.state)).toEqual(told(wanted.state))
        expect(made.bars).toEqual(wanted.bars)
        expect(sumsOf(made.outcomes)).toEqual(sumsOf(wanted.outcomes))
        expect(made.outcomes.flatMap(refusedOf)).toEqual(wanted.outcomes.flatMap(refusedOf))
      }),
      { numRuns: 500 },
    )
    expect(together).toBeGreaterThan(1000)
  })

  it('are one run from four on, with the sequence number and arrival of each', () => {
    const records = Array.from({ length: 4 }, (_, second) =>
      recordOf({ second, lateMs: 500, price: `${second + 1}`, sequence: second + 1 }),
    )
    const [run, ...others] = runsOf(records)
    expect(others).toEqual([])
    expect(run?.records?.sequenceNumbers).toEqual(records.map(({ kinesis }) => kinesis.sequenceNumber))
    expect([...(run?.records?.arrivals ?? [])]).toEqual(
      [0, 1, 2, 3].map((second) => (START + second) * 1000 + 500),
    )
    expect(runsOf(records.slice(0, 3))).toHaveLength(3)
  })
})

const refusedOf = (outcome: unknown): readonly unknown[] => (Array.isArray(outcome) ? outcome : [])

/** Counts over all events: a run that is cut counts the same trades in more of them. */
function sumsOf(outcomes: readonly unknown[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (const outcome of outcomes) {
    if (typeof outcome !== 'object' || outcome === null || Array.isArray(outcome)) continue
    for (const [name, count] of Object.entries(outcome)) sums[name] = (sums[name] ?? 0) + Number(count)
  }
  return sums
}
