import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { barOf } from '../../../functions/domain/bar.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import type { Outcome, Rules, SymbolEvent } from '../../../functions/domain/event.ts'
import {
  INITIAL_STATE,
  MAX_CHANGES,
  MAX_PRODUCERS,
  MAX_SHARDS,
  type MinuteState,
} from '../../../functions/domain/minute-state.ts'
import { type Trade, type TradeRun, tradesOf, UPDATES } from '../../../functions/domain/trade.ts'
import { runOf, trade } from '../../support/trades.ts'

const T = 1_760_106_720
const RULES: Rules = { latenessSeconds: 120, graceMs: 2000 }
const LINE = { name: 'XVEN', isContiguous: true }

/** A symbol that takes events one after the other, with all bars and the sum of the outcomes. */
function symbol(rules: Rules = RULES) {
  let state: MinuteState = INITIAL_STATE
  let placed = 0
  const counts: Record<string, number> = {}
  const bars: ReturnType<typeof barOf>[] = []
  const take = (event: SymbolEvent): Outcome => {
    const evolved = evolve(state, event, rules)
    for (const { builder, closedAt } of evolved.state.outbox) bars.push(barOf('A', builder, { closedAt }))
    state = evolve(evolved.state, { type: 'emitted', count: evolved.state.outbox.length }, rules).state
    for (const [name, value] of Object.entries(evolved.outcome))
      if (typeof value === 'number') counts[name] = (counts[name] ?? 0) + value
    return evolved.outcome
  }
  const run = (trades: readonly Trade[], others: Partial<TradeRun> = {}): TradeRun =>
    runOf(trades, { sequenceNumber: String(++placed), arrivedAt: (T + 30) * 1000, ...others })
  return {
    bars,
    counts,
    take,
    run,
    /** Takes a record of trades. */
    put: (trades: readonly Trade[], others: Partial<TradeRun> = {}) =>
      take({ type: 'trades', now: (T + 30) * 1000, runs: [run(trades, others)] }),
    flush: () => take({ type: 'flush', now: (T + 1000) * 1000 }),
    state: () => state,
  }
}

/** Trades with these ids, a second apart each. */
const ids = (...numbers: readonly number[]): Trade[] => numbers.map((id) => trade({ seconds: T + id, id }))
const told = ({ bars }: ReturnType<typeof symbol>) =>
  bars.map(({ start, revision, tradeCount, complete }) => [(start - T) / 60, revision, tradeCount, complete])

describe('a trade with an id', () => {
  it('counts once, whichever record and producer brings it', () => {
    const traded = symbol()
    traded.put(ids(1, 2, 3), { line: LINE, producer: { source: 'a', sequence: 1 } })
    traded.put(ids(2, 3, 4), { line: LINE, producer: { source: 'b', sequence: 1 } })
    traded.put([trade({ seconds: T + 4, id: 4 }), trade({ seconds: T + 4, id: 4 })], { line: LINE })
    traded.flush()
    expect(told(traded)).toEqual([[0, 1, 4, true]])
    expect(traded.counts).toMatchObject({ applied: 4, duplicates: 4 })
  })

  it('that is missing makes its bar incomplete, and the bar comes again, complete, when it is there', () => {
    const traded = symbol()
    traded.put([...ids(1, 2, 4, 5), trade({ seconds: T + 61, id: 6 })], { line: LINE })
    expect(told(traded)).toEqual([[0, 1, 4, false]])
    traded.put(ids(3), { line: LINE })
    expect(told(traded)).toEqual([
      [0, 1, 4, false],
      [0, 2, 5, true],
    ])
    traded.flush()
    expect(told(traded).at(-1)).toEqual([1, 1, 1, true])
    expect(traded.counts).toMatchObject({ incomplete: 1, missing: 0 })
  })

  it('that is missing between two minutes makes both incomplete', () => {
    const traded = symbol()
    traded.put([...ids(1, 2), trade({ seconds: T + 60, id: 4 })], { line: LINE })
    expect(told(traded)).toEqual([[0, 1, 2, false]])
    traded.put([trade({ seconds: T + 59, id: 3 })], { line: LINE })
    traded.flush()
    expect(told(traded).slice(1)).toEqual([
      [0, 2, 3, true],
      [1, 1, 1, true],
    ])
  })

  it('that never comes within the lateness is counted, and its bar stays incomplete', () => {
    const traded = symbol()
    traded.put(ids(1, 4), { line: LINE })
    traded.put([trade({ seconds: T + 400, id: 5 })], { line: LINE })
    expect(traded.counts).toMatchObject({ missing: 2, incomplete: 1 })
    traded.put(ids(2), { line: LINE })
    expect(traded.counts).toMatchObject({ applied: 3, duplicates: 1 })
  })

  it('says nothing of completeness where ids only grow, or another trade of the minute has none', () => {
    const growing = symbol()
    growing.put(ids(1, 5, 3), { line: { name: 'X', isContiguous: false } })
    growing.put(ids(3, 5), { line: { name: 'X', isContiguous: false } })
    growing.flush()
    expect(told(growing)).toEqual([[0, 1, 3, null]])
    const mixed = symbol()
    mixed.put(ids(1, 2), { line: LINE })
    mixed.put([trade({ seconds: T + 3 })])
    mixed.flush()
    expect(told(mixed)).toEqual([[0, 1, 3, null]])
  })

  it('is another on another line', () => {
    const traded = symbol()
    traded.put(ids(1), { line: LINE })
    traded.put(ids(1), { line: { name: 'XTWO', isContiguous: true } })
    expect(traded.counts).toMatchObject({ applied: 2, duplicates: 0 })
  })
})

describe('a symbol on several shards', () => {
  it('loses no trade to sequence numbers that lie between those of the other', () => {
    const traded = symbol()
    for (let each = 0; each < 40; each++)
      traded.put([trade({ seconds: T + each })], {
        shard: `shardId-00000000000${each % 2}`,
        sequenceNumber: String(900 - 10 * each + 800 * (each % 2) + 20 * each),
      })
    expect(traded.counts).toMatchObject({ applied: 40, duplicates: 0 })
  })

  it('takes what comes again on any of them for duplicates', () => {
    const traded = symbol()
    for (const shard of ['0', '1', '0', '1'])
      traded.put([trade({ seconds: T })], { shard, sequenceNumber: '7' })
    expect(traded.counts).toMatchObject({ applied: 2, duplicates: 2 })
  })

  it('is refused the shard beyond those that are remembered, and no trade of the others', () => {
    const traded = symbol()
    for (let shard = 0; shard <= MAX_SHARDS; shard++)
      traded.put([trade({ seconds: T })], { shard: String(shard) })
    const { refused } = traded.put([trade({ seconds: T })], { shard: String(MAX_SHARDS) })
    expect(refused).toMatchObject([{ reason: 'too-many-shards' }])
    traded.put([trade({ seconds: T + 400 })], { shard: '0' })
    expect(traded.put([trade({ seconds: T + 400 })], { shard: String(MAX_SHARDS) }).applied).toBe(1)
  })
})

describe('producers', () => {
  it('that repeat a record are known, though more than eight are at work', () => {
    const traded = symbol()
    const put = (source: number) =>
      traded.put([trade({ seconds: T })], { producer: { source: String(source), sequence: 1 } })
    for (let source = 0; source < 9; source++) put(source)
    for (const source of [0, 1, 2]) put(source)
    expect(traded.counts).toMatchObject({ applied: 9, duplicates: 3 })
  })

  it('beyond those that are remembered are refused, not forgotten', () => {
    const traded = symbol()
    const put = (source: number) =>
      traded.put([trade({ seconds: T })], { producer: { source: String(source), sequence: 1 } })
    for (let source = 0; source < MAX_PRODUCERS; source++) put(source)
    expect(put(MAX_PRODUCERS).refused).toMatchObject([{ reason: 'too-many-sources' }])
    expect(put(0).duplicates).toBe(1)
  })
})

describe('a cancel', () => {
  const at = (second: number, price: number, id: number, volume: string | number = 10) =>
    trade({ seconds: T + second, price, volume, id })
  const cancel = { type: 'cancel', line: LINE } as const

  it('takes a trade out of the sums of the open bar, and from a closed one in a new revision', () => {
    const traded = symbol()
    traded.put([at(0, 20, 1), at(1, 21, 2), at(2, 20.5, 3), at(3, 19, 4), at(4, 20, 5)], { line: LINE })
    traded.put([at(2, 20.5, 3)], cancel)
    traded.flush()
    traded.put([at(70, 20, 6)], { line: LINE })
    traded.put([at(1, 21, 2)], { ...cancel, producer: { source: 'a', sequence: 1 } })
    traded.put([at(1, 21, 2)], { ...cancel, producer: { source: 'b', sequence: 1 } })
    expect(traded.bars).toMatchObject([
      { revision: 1, tradeCount: 4, volume: '40', notional: '800', high: '21', complete: true },
      // It made the high, which nothing here can tell any more: the bar says so.
      { revision: 2, tradeCount: 3, volume: '30', notional: '590', high: '21', complete: false },
    ])
    expect(traded.counts).toMatchObject({ changed: 2, duplicates: 1 })
  })

  it('of 19.99 for 250,000 leaves nothing of it', () => {
    const traded = symbol()
    traded.put([at(0, 20, 1, 100), at(1, 19.99, 2, 250_000), at(2, 20, 3, 100)], { line: LINE })
    traded.put([at(1, 19.99, 2, 250_000)], cancel)
    traded.flush()
    expect(traded.bars).toMatchObject([
      { volume: '200', notional: '4000', vwap: '20', tradeCount: 2, complete: false },
    ])
  })

  it('may come before its trade', () => {
    const traded = symbol()
    traded.put([at(0, 20, 1), at(2, 20, 3)], { line: LINE })
    traded.put([at(1, 30, 2)], cancel)
    traded.put([at(1, 30, 2)], { line: LINE })
    traded.flush()
    expect(traded.bars).toMatchObject([{ high: '20', tradeCount: 2, complete: true }])
    expect(traded.counts).toMatchObject({ applied: 2, changed: 1, duplicates: 1 })
  })

  it('of the only trade withdraws the bar, with the next revision; the next trade begins it anew', () => {
    const traded = symbol()
    traded.put([at(0, 20, 1), at(1, 30, 2), at(61, 20, 3)], { line: LINE })
    traded.put([at(1, 30, 2)], cancel)
    traded.put([at(0, 20, 1)], cancel)
    traded.put([at(2, 21, 4)], { line: LINE })
    expect(
      traded.bars.map(({ open, high, low, close, ...bar }) => [open, high, low, close, bar]),
    ).toMatchObject([
      ['20', '30', '20', '30', { revision: 1, withdrawn: false, tradeCount: 2 }],
      ['20', '30', '20', '30', { revision: 2, withdrawn: false, tradeCount: 1, complete: false }],
      ['20', '30', '20', '30', { revision: 3, withdrawn: true, tradeCount: 0, volume: '0', vwap: null }],
      ['21', '21', '21', '21', { revision: 4, withdrawn: false, tradeCount: 1, notional: '210' }],
    ])
  })

  it('of the only trade of an open bar leaves no bar, and is not told', () => {
    const traded = symbol()
    traded.put([at(0, 20, 1)], { line: LINE })
    traded.put([at(0, 20, 1)], cancel)
    traded.put([at(60, 20, 2), at(120, 20, 3)], { line: LINE })
    expect(told(traded)).toEqual([[1, 1, 1, true]])
  })

  it('of the only trade that counts does not withdraw a bar that another has given its prices', () => {
    const traded = symbol()
    const official = { ...at(1, 21, 2), updates: UPDATES.highLow | UPDATES.openClose }
    traded.put([at(0, 20, 1), official, at(60, 20, 3)], { line: LINE })
    traded.put([at(0, 20, 1)], cancel)
    expect(traded.bars).toMatchObject([
      { revision: 1, tradeCount: 1 },
      { revision: 2, tradeCount: 0, withdrawn: false, complete: false },
    ])
  })

  it('that withdraws a bar is told once, whatever is found missing later', () => {
    const traded = symbol()
    traded.put([at(0, 20, 1), at(61, 20, 3)], { line: LINE })
    traded.put([at(0, 20, 1)], cancel)
    traded.put([at(62, 20, 2)], { line: LINE })
    traded.flush()
    expect(
      traded.bars.map(({ start, revision, withdrawn }) => [(start - T) / 60, revision, withdrawn]),
    ).toEqual([
      [0, 1, false],
      [0, 2, true],
      [1, 1, false],
    ])
  })

  it('without the price of its trade marks the bar, and changes nothing in it', () => {
    const traded = symbol()
    traded.put([at(0, 20, 1), at(1, 20, 2)], { line: LINE })
    const unknown = { units: Number.NaN, scale: 0 }
    traded.put([{ ...at(1, 20, 2), price: unknown, volume: unknown }], cancel)
    traded.flush()
    expect(traded.bars).toMatchObject([{ tradeCount: 2, complete: false }])
  })

  it('is refused where its trade is in no bar, too late, or one too many', () => {
    const traded = symbol()
    traded.put([at(0, 20, 1), at(200, 20, 2)], { line: LINE })
    expect(traded.put([at(0, 20, 1)], cancel).refused).toMatchObject([{ reason: 'too-late' }])
    expect(traded.put([at(100, 20, 2)], cancel).refused).toMatchObject([{ reason: 'unknown-trade' }])
    for (let id = 10; id < 10 + MAX_CHANGES; id++) traded.put([at(200, 20, id)], cancel)
    expect(traded.put([at(200, 20, 999)], cancel).refused).toMatchObject([{ reason: 'too-many-changes' }])
  })
})

describe('a correction', () => {
  const correct = (before: Trade, after: Trade): [readonly Trade[], Partial<TradeRun>] => [
    [before],
    { type: 'correct', line: LINE, replacements: [tradesOf([after])] },
  ]

  it('replaces a trade once, whoever tells it, and before it came too', () => {
    const traded = symbol()
    const [one, two, three, four] = [10, 12, 11, 11].map((price, index) =>
      trade({ seconds: T + index, price, volume: 2, id: index + 1 }),
    )
    if (one === undefined || two === undefined || three === undefined || four === undefined) throw new Error()
    const better = trade({ seconds: T + 2, price: 11.5, volume: 3, id: 3 })
    traded.put([one, two, three], { line: LINE })
    traded.put(...correct(three, better))
    traded.put(...correct(three, better))
    traded.put(...correct(four, trade({ seconds: T + 3, price: 10.5, volume: 1, id: 4 })))
    traded.put([four], { line: LINE })
    traded.flush()
    // Of the trade at its time it is not known which closes.
    expect(traded.bars).toMatchObject([
      { volume: '8', notional: '89', tradeCount: 4, high: '12', low: '10', close: '10.5' },
    ])
    expect(traded.counts).toMatchObject({ changed: 2, duplicates: 2 })
  })
})

describe('what a trade may update', () => {
  it('is left out of the rest, and a minute of which no trade sets the price has no bar', () => {
    const traded = symbol()
    traded.put([
      trade({ seconds: T, price: 99, volume: 7, updates: UPDATES.volume }),
      trade({ seconds: T + 1, price: 10, volume: 1 }),
      trade({ seconds: T + 2, price: 12, volume: 2, updates: UPDATES.highLow | UPDATES.volume }),
      trade({ seconds: T + 3, price: 11, volume: 5, updates: UPDATES.highLow | UPDATES.openClose }),
      trade({ seconds: T + 4, price: 1, volume: 5, updates: 0 }),
      trade({ seconds: T + 61, price: 5, volume: 5, updates: UPDATES.volume }),
      trade({ seconds: T + 121, price: 5, volume: 5 }),
    ])
    traded.flush()
    expect(traded.bars).toMatchObject([
      {
        start: T,
        open: '10',
        high: '12',
        low: '10',
        close: '11',
        volume: '10',
        notional: '727',
        tradeCount: 3,
      },
      { start: T + 120, tradeCount: 1 },
    ])
  })

  it('brings a bar of its own when a later trade of a minute without one sets the price', () => {
    const traded = symbol()
    traded.put([
      trade({ seconds: T, price: 5, volume: 5, updates: UPDATES.volume }),
      trade({ seconds: T + 61 }),
    ])
    expect(traded.bars).toEqual([])
    traded.put([trade({ seconds: T + 5, price: 6 })])
    expect(traded.bars).toMatchObject([{ start: T, revision: 1, open: '6', volume: '6' }])
  })
})

describe('prices and volumes', () => {
  it('below zero and with 18 decimals are exact: oil on 2020-04-20', () => {
    const traded = symbol()
    traded.put([
      trade({ seconds: T, price: '0.02', volume: 1 }),
      trade({ seconds: T + 1, price: '-0.01', volume: 2 }),
      trade({ seconds: T + 2, price: '-37.63', volume: '0.000000000000000003' }),
      trade({ seconds: T + 3, price: '-0.000007012', volume: 4 }),
    ])
    traded.flush()
    expect(traded.bars).toMatchObject([
      {
        open: '0.02',
        high: '0.02',
        low: '-37.63',
        close: '-0.000007012',
        volume: '7.000000000000000003',
        notional: '-0.00002804800000011289',
        vwap: '-0.00000401',
      },
    ])
  })
})

describe('time', () => {
  const stream = fc.array(
    fc.record({
      gapMs: fc.constantFrom(0, 100, 500, 1500, 2500, 40_000),
      delayMs: fc.constantFrom(0, 300, 200_000, 700_000),
      trades: fc.array(fc.integer({ min: -90, max: 40 }), { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 25 },
  )

  it('is that of the stream: the same records give the same bars and revisions, however they are batched and how slow the machine is', () => {
    fc.assert(
      fc.property(
        stream,
        fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(100_000)), { minLength: 30, maxLength: 30 }),
        (records, batches) => {
          let arrivedAt = T * 1000
          let newest = T
          const runs = records.map(({ gapMs, delayMs, trades: steps }, index) => {
            arrivedAt += gapMs
            const from = arrivedAt + delayMs
            arrivedAt = from
            const trades = steps.map((step) => {
              const seconds = Math.max(T, newest + step)
              newest = Math.max(newest, seconds)
              return trade({ seconds })
            })
            return runOf(trades, { sequenceNumber: String(index + 1), arrivedAt })
          })
          const barsOf = (cut: readonly (readonly [size: number, slownessMs: number])[]) => {
            const traded = symbol()
            let at = 0
            for (const [size, slownessMs] of cut) {
              const batch = runs.slice(at, at + size)
              at += size
              const last = batch.at(-1)
              if (last === undefined) break
              traded.take({ type: 'trades', now: last.arrivedAt + slownessMs, runs: batch })
              traded.take({ type: 'clock', now: last.arrivedAt, clock: 'stream' })
            }
            traded.flush()
            // A correction that meets another in the same batch is one revision: each batch is emitted as a whole.
            return new Map(traded.bars.map((bar) => [bar.start, { ...bar, revision: 0, closedAt: 0 }]))
          }
          expect(barsOf(batches)).toEqual(barsOf(runs.map(() => [1, 0] as const)))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('closes no minute of ordered trades that would go on, whatever the batches: no trade is late', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0.1, 1, 7, 25), { minLength: 1, maxLength: 60 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(600_000)), { minLength: 60, maxLength: 60 }),
        fc.constantFrom(1, 20, 1000),
        (steps, batches, speed) => {
          let seconds = T
          const runs = steps.map((step, index) => {
            seconds += step
            const whole = Math.floor(seconds)
            return runOf([trade({ seconds: whole })], {
              sequenceNumber: String(index + 1),
              // Played in long after, at some speed.
              arrivedAt: Math.round((T + 100_000 + (seconds - T) / speed) * 1000),
            })
          })
          const barsOf = (cut: readonly (readonly [size: number, slownessMs: number])[]) => {
            const traded = symbol()
            let at = 0
            for (const [size, slownessMs] of cut) {
              const batch = runs.slice(at, at + size)
              at += size
              const last = batch.at(-1)
              if (last === undefined) break
              const now = last.arrivedAt + slownessMs
              traded.take({ type: 'trades', now, runs: batch })
              traded.take({ type: 'clock', now: last.arrivedAt, clock: 'stream' })
              traded.take({ type: 'clock', now: now + 1000, clock: 'wall' })
            }
            traded.flush()
            return { bars: traded.bars.map((bar) => ({ ...bar, closedAt: 0 })), late: traded.counts['late'] }
          }
          const one = barsOf(batches)
          expect(one).toEqual(barsOf(runs.map(() => [1, 0] as const)))
          expect(one.bars.every(({ revision }) => revision === 1)).toBe(true)
          expect(one.late).toBe(0)
        },
      ),
      { numRuns: 500 },
    )
  })
})
