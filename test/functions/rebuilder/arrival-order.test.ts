import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { ArchivedTrade } from '../../../functions/archive/archived-trade.ts'
import { barOf } from '../../../functions/domain/bar.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import { INITIAL_STATE } from '../../../functions/domain/minute-state.ts'
import { runOf, trade } from '../../support/trades.ts'
import { History, HOUR } from './harness.ts'
import { row } from './rows.ts'

const MADE_AT = 1_760_000_000

/** Sequence numbers of a record by its position in the lineage of its shard, which is made a second after its parent. */
const NUMBERS = {
  'the emulator': (position: number, shard: number) =>
    `49${String(position).padStart(44, '0')}${String(shard).padStart(10, '0')}`,
  Kinesis: (position: number, shard: number, madeAt = MADE_AT + shard) => {
    const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
    return BigInt(`0x2${hex(madeAt, 9)}${hex(shard % 16, 1)}${hex(position, 36)}`).toString()
  },
}

const shardIdOf = (shard: number) => `shardId-${String(shard).padStart(12, '0')}`

/** Records of a symbol, a trade each, in the order in which its shards took them. */
const recordsArbitrary = fc.array(
  fc.record({
    /** Many at one time. */
    second: fc.nat(3),
    price: fc.integer({ min: 1, max: 99 }),
    /** By how many seconds the clock of the stream is put forward or back first. */
    jump: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -4000, max: 4000 })),
    /** Whether the shard is split or merged first. */
    isResharded: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean()),
  }),
  { minLength: 2, maxLength: 20 },
)
const kindsArbitrary = fc.record({
  numbers: fc.constantFrom<keyof typeof NUMBERS>('the emulator', 'Kinesis'),
  hasIds: fc.boolean(),
  hasProducer: fc.boolean(),
  perObject: fc.constantFrom(1, 3, 100),
})

/** Open, high, low and close of the first minute. */
const pricesOf = (history: History) => history.table()[0]?.slice(1, 5)

describe('trades of one time', () => {
  it('are in the order in which the aggregator takes them, whatever the clock of the stream shows', async () => {
    await fc.assert(
      fc.asyncProperty(recordsArbitrary, kindsArbitrary, async (records, kind) => {
        const { numbers, hasIds, hasProducer, perObject } = kind
        let [clock, shard] = [(HOUR + 3600) * 1000, 0]
        const taken = records.map(({ second, price, jump, isResharded }, place) => {
          clock += 1 + jump * 1000
          if (isResharded) shard++
          const sequenceNumber = NUMBERS[numbers](place, shard)
          return { second, price, shard: shardIdOf(shard), sequenceNumber, arrivedAt: clock, id: place }
        })
        const history = new History()
        const rows = taken.map(({ second, price, id, ...of }): ArchivedTrade =>
          row(second, price, {
            ...of,
            ...(hasIds && { line: 'x', id }),
            ...(hasProducer && { source: 'feed', sequence: id }),
          }),
        )
        for (let from = 0; from < rows.length; from += perObject)
          history.archive(rows.slice(from, from + perObject))
        await history.rebuild()
        const runs = taken.map(({ second, price, shard: of, sequenceNumber, arrivedAt }) => ({
          ...runOf([trade({ seconds: HOUR + second, price })], { sequenceNumber }),
          shard: of,
          arrivedAt,
        }))
        const rules = { latenessSeconds: 100_000, graceMs: 10_000_000_000 }
        const { state } = evolve(INITIAL_STATE, { type: 'trades', now: 0, runs }, rules)
        const live = evolve(state, { type: 'flush', now: 0 }, rules).state.outbox.at(-1)
        const bar = live && barOf('A', live.builder, { closedAt: 0 })
        expect(pricesOf(history)).toEqual([bar?.open, bar?.high, bar?.low, bar?.close].map(Number))
      }),
      { numRuns: 60 },
    )
  })

  it('of two shards that were made together are in the order of their arrival', async () => {
    const history = new History()
    const rows = [3, 1, 2, 5, 4].map((arrival, place) => {
      const shard = place % 2
      const [shardId, sequenceNumber] = [shardIdOf(shard), NUMBERS.Kinesis(place, shard, MADE_AT)]
      return row(0, arrival, { shard: shardId, sequenceNumber, arrivedAt: (HOUR + 3600 + arrival) * 1000 })
    })
    // By shard 3, 2, 4 and 1, 5: the 2 is as late as the 3 before it.
    history.archive(rows)
    await history.rebuild()
    expect(pricesOf(history)).toEqual([1, 5, 1, 5])
  })

  it('of imported files are in the order of their arrival', async () => {
    const history = new History()
    const imported = (price: number, arrivedAt: number) =>
      row(0, price, { shard: 'import//A', source: 'import', sequenceNumber: `${900 - arrivedAt}`, arrivedAt })
    history.archive([imported(3, 30), imported(1, 10), imported(2, 20)])
    await history.rebuild()
    expect(pricesOf(history)).toEqual([1, 3, 1, 3])
  })
})
