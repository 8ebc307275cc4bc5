import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { barOf } from '../../../functions/domain/bar.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import { INITIAL_STATE } from '../../../functions/domain/minute-state.ts'
import { runOf, trade } from '../../support/trades.ts'
import { History, HOUR } from './harness.ts'
import { line, row } from './rows.ts'

let numbered = 0

const someTrades = fc.array(
  fc.record({
    second: fc.oneof(fc.nat(300), fc.nat(7199)),
    price: fc.integer({ min: 1, max: 9 }),
    volume: fc.integer({ min: 0, max: 9 }),
  }),
  { minLength: 1, maxLength: 40 },
)

describe('any history', () => {
  const task = { to: HOUR + 7200 }

  /** Trades as a venue numbers them, in the order in which they happened. */
  const numberedOf = (trades: readonly { second: number; price: number; volume: number }[]) =>
    trades.toSorted((one, other) => one.second - other.second).map((each, id) => ({ ...each, id }))

  it('gives the bars that the aggregator makes of the trades in order, whatever came when and how often', async () => {
    await fc.assert(
      fc.asyncProperty(
        someTrades,
        fc.array(fc.tuple(fc.nat(39), fc.nat(3)), { maxLength: 30 }),
        fc.array(fc.nat(39), { maxLength: 3 }),
        async (given, arrivals, lost) => {
          const trades = numberedOf(given).filter(({ id }) => !lost.includes(id))
          if (trades.length === 0) return
          const history = new History()
          const again = arrivals.flatMap(([place]) => trades[place % trades.length] ?? [])
          for (const each of [...again, ...trades.toReversed()])
            history.archive([
              row(each.second, each.price, {
                ...line,
                id: each.id,
                // Of two at one time the order of arrival decides.
                nanos: each.id,
                volume: { units: each.volume, scale: 0 },
                sequenceNumber: `497${numbered++}`,
              }),
            ])
          await history.rebuild(task)
          const run = runOf(
            trades.map((each) =>
              trade({
                seconds: HOUR + each.second,
                price: each.price,
                volume: each.volume,
                id: each.id,
                nanos: each.id,
              }),
            ),
            { sequenceNumber: '1', line: { name: 'x', isContiguous: true } },
          )
          const rules = { latenessSeconds: 100_000, graceMs: 0 }
          const { state } = evolve(INITIAL_STATE, { type: 'trades', now: 0, runs: [run] }, rules)
          const { outbox } = evolve(state, { type: 'flush', now: 0 }, rules).state
          const live = new Map(
            outbox.map(({ builder }) => [builder.start, barOf('A', builder, { closedAt: 0 })]),
          )
          const rebuilt = [...history.bars.values()].toSorted((one, other) => one.start - other.start)
          expect(rebuilt.map(({ revision: _revision, source: _source, ...bar }) => bar)).toEqual(
            [...live.values()].map(({ revision: _revision, closedAt: _closedAt, ...bar }) => bar),
          )
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is the same after a rebuild that died anywhere and was given again', async () => {
    await fc.assert(
      fc.asyncProperty(someTrades, fc.nat(8), async (given, dies) => {
        const [one, other] = [new History(), new History()]
        const rows = numberedOf(given).map((each) => row(each.second, each.price, { ...line, id: each.id }))
        for (const history of [one, other]) history.archive(rows)
        await one.rebuild(task)
        let calls = 0
        other.meet = () => {
          if (calls++ === dies) throw new Error('killed')
        }
        await other.rebuild(task).catch(() => undefined)
        await other.rebuild(task)
        expect(other.bars).toEqual(one.bars)
        expect(await other.rebuild(task)).toMatchObject({ put: 0 })
      }),
      { numRuns: 30 },
    )
  })
})
