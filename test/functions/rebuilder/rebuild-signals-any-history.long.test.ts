import fc from 'fast-check'
import { expect, it } from 'vitest'

import { type SignalPlace, signalPlaceSchema } from '../../../functions/rebuilder/signal-place.ts'
import { HOUR } from './harness.ts'
import { Pipeline } from './pipeline.ts'
import {
  type Given,
  SPAN,
  come,
  barsOf,
  visibleOf,
  storedOf,
  expectedOf,
  settle,
  rebuild,
  livePipeline,
} from './trades-into.ts'

const DAY = 86_400
/** Two trades of a bar, an hour or less after the bar before. */
const overDays = fc
  .array(fc.record({ after: fc.integer({ min: 1, max: 60 }), price: fc.integer({ min: 1, max: 9 }) }), {
    minLength: 60,
    maxLength: 150,
    size: 'max',
  })
  .map((bars) => {
    let minute = 0
    return bars.flatMap(({ after, price }, index): Given[] => {
      minute += after
      const volume = 1 + (index % 3)
      return [0, 1].map((of) => ({ second: minute * 60 + of, price: price + of, volume, id: index * 2 + of }))
    })
  })

it('in calls of a day each, killed anywhere, it gives the rows and the state of one call', async () => {
  await fc.assert(
    fc.asyncProperty(
      overDays,
      fc.array(fc.nat(12), { maxLength: 8 }),
      fc.nat(3),
      async (trades, kills, late) => {
        const [whole, cut] = [new Pipeline(), new Pipeline()]
        for (const pipeline of [whole, cut]) {
          come(pipeline, trades)
          await settle(pipeline)
          pipeline.rows.clear()
          if (late === 0) pipeline.loseStates()
        }
        const from = HOUR + late * 43_200
        expect((await whole.rebuildSignals(from)).place).toBeUndefined()
        let place: SignalPlace | undefined
        for (let calls = 0, isDone = false; !isDone; calls++) {
          let left = kills.shift() ?? Infinity
          cut.meet = async () => {
            if (left-- === 0) throw new Error('killed')
          }
          const read: number[] = []
          cut.history.meetSpan = ({ from: begin, to }) => read.push(to - begin)
          const answer = await cut
            .rebuildSignals(from, { place, daysPerCall: 1 })
            .catch(() => 'killed' as const)
          expect(Math.max(0, ...read)).toBeLessThanOrEqual(DAY)
          isDone = answer !== 'killed' && answer.place === undefined
          // As it comes back from the table of jobs.
          if (answer !== 'killed' && answer.place !== undefined) {
            const next = signalPlaceSchema.parse(JSON.parse(JSON.stringify(answer.place)))
            expect(next.next).toBeGreaterThan(place?.next ?? 0)
            place = next
          }
          expect(calls).toBeLessThan(30)
        }
        for (const pipeline of [whole, cut]) await settle(pipeline)
        expect(cut.visible()).toEqual(whole.visible())
        const [one, other] = [await whole.states.load(['A']), await cut.states.load(['A'])]
        expect(other.get('A')?.state.finalized).toEqual(one.get('A')?.state.finalized)
      },
    ),
    { numRuns: 25 },
  )
})

const anyTrades = fc.array(
  fc.record({
    second: fc.oneof(fc.nat(400), fc.nat(2400)),
    price: fc.integer({ min: 1, max: 9 }),
    volume: fc.integer({ min: 0, max: 9 }),
    /** By how many places it comes later than it should. */
    lateBy: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(30)),
  }),
  { minLength: 5, maxLength: 60, size: 'max' },
)
const anySteps = fc.array(
  fc.record({
    what: fc.constantFrom('come', 'come', 'come', 'analyse', 'write', 'rebuild'),
    count: fc.integer({ min: 1, max: 12 }),
    /** Of the calls of a rebuild, the one at which it is killed, and how much of the live feed comes at each. */
    dies: fc.nat(30),
    beside: fc.nat(3),
  }),
  { maxLength: 12, size: 'max' },
)

it('whatever came late, whenever it is rebuilt and killed, all rows are those of the trades in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyTrades,
      anySteps,
      fc.nat(30),
      fc.boolean(),
      async (given, steps, dies, isAnalysed) => {
        const trades = given
          .toSorted((one, other) => one.second - other.second)
          .map(({ lateBy: _lateBy, ...each }, id) => ({ ...each, id }))
        const arrival = trades
          .map((each, place) => ({ each, at: place + (given[place]?.lateBy ?? 0) }))
          .toSorted((one, other) => one.at - other.at)
          .map(({ each }) => each)
        const pipeline = livePipeline()
        const live = async (what: string, count: number): Promise<void> => {
          if (what === 'come') come(pipeline, arrival.splice(0, count))
          else if (what === 'analyse') await pipeline.analyse(count)
          else if (what === 'write') await pipeline.write(count)
        }
        const killed = async (at: number, beside: number): Promise<void> => {
          let calls = 0
          pipeline.meet = async () => {
            if (calls++ === at) throw new Error('killed')
            await live(['come', 'analyse', 'write'][calls % 3] ?? '', beside)
          }
          pipeline.history.meet = () => {
            if (calls++ === at) throw new Error('killed')
          }
          await rebuild(pipeline).catch(() => undefined)
          pipeline.meet = async () => {}
          pipeline.history.meet = () => {}
        }
        for (const { what, count, dies: at, beside } of steps)
          if (what === 'rebuild') await killed(at, beside)
          else await live(what, count)
        await live('come', Infinity)
        pipeline.happens({ type: 'flush', now: 0 })
        if (isAnalysed) await settle(pipeline)
        pipeline.history.now += 10 * 86_400_000
        await killed(dies, 0)
        await settle(pipeline)
        await rebuild(pipeline)
        await settle(pipeline)
        const bars = barsOf(trades)
        expect(storedOf(pipeline)).toEqual(expectedOf(pipeline, bars))
        expect(pipeline.visible()).toEqual(visibleOf(bars))
        expect(await pipeline.history.rebuild(SPAN)).toMatchObject({ put: 0 })
        expect(await pipeline.rebuildSignals(HOUR)).toMatchObject({ signals: 0 })
      },
    ),
    { numRuns: 30 },
  )
})
