import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { barOf } from '../../../functions/domain/bar.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import { ANY_SHARD, INITIAL_STATE, type MinuteState } from '../../../functions/domain/minute-state.ts'
import { unpackBar } from '../../../functions/domain/packed-bar.ts'
import type { Trade, TradeRun } from '../../../functions/domain/trade.ts'
import { tradesOf } from '../../../functions/domain/trade.ts'
import { decodeMinuteState, encodeMinuteState } from '../../../functions/minute-state/codec.ts'
import { minuteStateCodec } from '../../../functions/minute-state/store.ts'
import { expectEqual } from '../../support/expect-equal.ts'
import { runOf, trade } from '../../support/trades.ts'

const START = 1_760_106_720
const RULES = { latenessSeconds: 120, graceMs: 2000 }
const amounts = fc
  .tuple(fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 999_999_999_999_999 })), fc.nat(99_999_999))
  .chain(([whole, part]) =>
    fc.constantFrom(`${whole}`, `${whole}.${part}`, `${whole % 1000}.0000000000${part}`, `${whole}.5`),
  )
const trades = fc.array(
  fc
    .record({
      seconds: fc.integer({ min: START, max: START + 400 }),
      nanos: fc.nat(999_999_999),
      price: fc.tuple(fc.constantFrom('', '', '', '-'), amounts).map((parts) => parts.join('')),
      volume: amounts,
      id: fc.oneof(fc.constant(-1), fc.nat(60)),
      updates: fc.constantFrom(7, 7, 7, 7, 4, 5, 3, 0),
    })
    .map((each) => trade({ ...each, price: each.price === '-0' ? '0' : each.price })),
  { minLength: 1, maxLength: 40 },
)
const runs = fc.array(
  fc.record({
    trades,
    line: fc.constantFrom(
      { name: 'IEX', isContiguous: true },
      { name: 'Börse', isContiguous: false },
      { name: '', isContiguous: true },
    ),
    shard: fc.constantFrom('shardId-000000000000', 'shardId-000000000012', 'shardId-1', 'other', ANY_SHARD),
    type: fc.constantFrom('trade', 'trade', 'cancel', 'correct'),
  }),
  { minLength: 1, maxLength: 6 },
)

function stateAfter(given: readonly Trade[], options: Partial<TradeRun> = {}): MinuteState {
  return evolve(INITIAL_STATE, event([tradeRun(given, 0, options)]), RULES).state
}

function tradeRun(given: readonly Trade[], index: number, options: Partial<TradeRun> = {}): TradeRun {
  const producer = { source: 'feed', sequence: 812 + index }
  const sequenceNumber = String(495 + index)
  const made = runOf(given, { sequenceNumber, arrivedAt: START * 1000 + 123, producer, ...options })
  return made.type === 'correct' ? { ...made, replacements: given.map((each) => tradesOf([each])) } : made
}

function event(given: readonly TradeRun[]) {
  return { type: 'trades' as const, now: 1_760_106_735_123, runs: given }
}

describe('the codec of the minute state', () => {
  it('reads what it wrote: prices of any size, lines with gaps, changes, shards, completeness', () => {
    fc.assert(
      fc.property(runs, fc.constantFrom(1, 2, Infinity), (given, maxPending) => {
        const made = given.map(({ trades: list, ...options }, index) => tradeRun(list, index, options))
        const { state } = evolve(INITIAL_STATE, event(made), { ...RULES, maxPending })
        expectEqual(minuteStateCodec.decode(minuteStateCodec.encode(state)), state)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps what is finalized beside the text', () => {
    const state = stateAfter([trade({ seconds: START }), trade({ seconds: START + 600 })])
    const { keptFrom, ...before } = minuteStateCodec.encode(state)
    expect(keptFrom).toEqual({ N: String(START + 60) })
    expect(minuteStateCodec.decode(before)).toEqual({ ...state, keptFrom: 0 })
  })

  it('keeps a busy symbol in one write unit, 1 KB: two correctable minutes, an open one, a bar to emit, two lines', () => {
    const lines = ['XNAS', 'ARCX'].map((name) => ({ name, isContiguous: true }))
    const busy = [0, 1, 2, 3].flatMap((minute) =>
      lines.map((line, number) =>
        tradeRun(
          Array.from({ length: 60 }, (_, second) =>
            trade({
              seconds: START + 60 * minute + second,
              nanos: 123_456_789,
              price: `105433.600000${String(second).padStart(2, '0')}`,
              volume: '1234.27625',
              id: 5_000_000_000 + 100 * minute + second,
            }),
          ),
          2 * minute + number,
          { line },
        ),
      ),
    )
    const { state } = evolve(INITIAL_STATE, event(busy), RULES)
    const { state: emitted } = evolve(state, { type: 'emitted', count: state.outbox.length - 1 }, RULES)
    expect(emitted).toMatchObject({ closed: { length: 2 }, outbox: { length: 1 }, keptFrom: START + 60 })
    expect(emitted.lines).toMatchObject([{ gaps: { length: 3 } }, { gaps: { length: 3 } }])
    const attributes = 'symbolversionstatekeptFrompending'.length + 'XBTUSDT'.length + 21 + 7 + 2
    expect(encodeMinuteState(emitted).length + attributes).toBeLessThan(1024)
  })

  it('says what it cannot read', () => {
    expect(() => decodeMinuteState('[1,2]', { keptFrom: 0 })).toThrow(/minute state \[1,2\].*cannot be read/s)
  })
})

describe('the state of release 0.1', () => {
  const minute = [
    START,
    1,
    3,
    0,
    5,
    150,
    25_000_000,
    59,
    7,
    151,
    0,
    152,
    50_000_000,
    149,
    1,
    300,
    5,
    45_000,
    0,
    7,
  ]
  const wide = [
    [START + 60, 0, 1, 1, 0, 999_999_999_999_999, 99_999_999, 1, 0, 999_999_999_999_999, 99_999_999],
    [999_999_999_999_999, 99_999_999, 999_999_999_999_999, 99_999_999, 0, 0, 0, 0, 0, '2000', '30000'],
  ].flat()
  const item = {
    symbol: { S: 'A' },
    version: { N: '9' },
    sequence: { S: '4957' },
    state: {
      S: JSON.stringify([
        START + 61,
        5,
        START * 1000 + 9,
        [['feed', 812]],
        wide,
        [minute],
        [[START * 1000 + 7, minute]],
        3,
      ]),
    },
    keptFrom: { N: String(START - 60) },
    pending: { N: '1' },
  }

  it('is read', () => {
    const state = minuteStateCodec.decode(item)
    expect(state).toMatchObject({
      shards: [{ shard: ANY_SHARD, sequenceNumber: '4957', taken: 3, seconds: START + 61 }],
      producers: [{ source: 'feed', sequence: 812, seconds: START + 61 }],
      lines: [],
      changes: [],
      newest: { seconds: START + 61, nanos: 5 },
      touched: { arrivedAt: START * 1000 + 9 },
      keptFrom: START - 60,
    })
    expect(state.closed.map(unpackBar)).toMatchObject([{ start: START, openNanos: 5, closeSecond: 59 }])
    const [bar] = state.outbox.map(({ builder, closedAt }) => barOf('A', builder, { closedAt }))
    expect(bar).toEqual({
      symbol: 'A',
      start: START,
      revision: 1,
      open: '150.25',
      high: '152.5',
      low: '149.00000001',
      close: '151',
      volume: '300.00000005',
      notional: '45000.0000000000000007',
      vwap: '149.99999998',
      tradeCount: 3,
      complete: null,
      withdrawn: false,
      closedAt: START * 1000 + 7,
    })
    expect(minuteStateCodec.decode(minuteStateCodec.encode(state))).toEqual(state)
  })

  it('is gone on with: what it applied is a duplicate, and its sums go on exactly', () => {
    const state = minuteStateCodec.decode(item)
    const again = runOf([trade({ seconds: START + 61 })], { sequenceNumber: '4956' })
    const next = runOf([trade({ seconds: START + 62, price: '0.000000000000000001', volume: '2' })], {
      sequenceNumber: '5000',
    })
    const { state: after, outcome } = evolve(state, event([again, next]), RULES)
    expect(outcome).toMatchObject({ applied: 1, duplicates: 1 })
    expect(after.shards).toEqual([
      { shard: 'shardId-000000000000', sequenceNumber: '5000', taken: 0, seconds: START + 62 },
    ])
    if (after.open === undefined) throw new Error('no bar is open')
    expect(barOf('A', after.open, { closedAt: 0 })).toMatchObject({
      high: '999999999999999.99999999',
      low: '0.000000000000000001',
      volume: '2.00002',
      notional: '0.000000000003000002',
      tradeCount: 2,
    })
  })
})
