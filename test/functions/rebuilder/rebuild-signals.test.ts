import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { startSymbol } from '../../../functions/analytics/state-codec.ts'
import { toSeriesBar } from '../../../functions/analytics/revised-bar.ts'
import { nameValues } from '../../../functions/domain/analysis.ts'
import { type Bar, barOf } from '../../../functions/domain/bar.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import { INITIAL_STATE } from '../../../functions/domain/minute-state.ts'
import { BarFold } from '../../../functions/domain/signals.ts'
import { SignalsError } from '../../../functions/rebuilder/rebuild-signals.ts'
import { type SignalPlace, signalPlaceSchema } from '../../../functions/rebuilder/signal-place.ts'
import { archivedTrade } from '../../support/archived.ts'
import { runOf, trade } from '../../support/trades.ts'
import { HOUR } from './harness.ts'
import { analysis, LATENESS, Pipeline } from './pipeline.ts'

type Given = { readonly second: number; readonly price: number; readonly volume: number; readonly id: number }

const LINE = { name: 'x', isContiguous: true }
/** All of the trades lie in it. */
const SPAN = { from: HOUR, to: HOUR + 7200 }
const tradeOf = ({ second, ...each }: Given) => trade({ seconds: HOUR + second, nanos: each.id, ...each })

let numbered = 0

/** Trades come in this order, on the stream and in the archive. */
function come(pipeline: Pipeline, trades: readonly Given[]): void {
  if (trades.length === 0) return
  const first = numbered
  numbered += trades.length
  const sequenceOf = (place: number): string => `496${String(first + place).padStart(10, '0')}`
  for (const [place, each] of trades.entries()) {
    const run = runOf([tradeOf(each)], { sequenceNumber: sequenceOf(place), line: LINE })
    pipeline.happens({ type: 'trades', now: 0, runs: [run] })
  }
  pipeline.history.archive(
    trades.map((each, place) =>
      archivedTrade({
        price: { units: each.price, scale: 0 },
        volume: { units: each.volume, scale: 0 },
        seconds: HOUR + each.second,
        nanos: each.id,
        id: each.id,
        line: 'x',
        contiguous: true,
        sequenceNumber: sequenceOf(place),
        arrivedAt: SPAN.to * 1000,
      }),
    ),
  )
}

/** The bars of trades that come in the order of their time. */
function barsOf(trades: readonly Given[]): Bar[] {
  const rules = { latenessSeconds: 100_000, graceMs: 0 }
  const runs = [runOf(trades.map(tradeOf), { sequenceNumber: '1', line: LINE })]
  const { state } = evolve(INITIAL_STATE, { type: 'trades', now: 0, runs }, rules)
  const { outbox } = evolve(state, { type: 'flush', now: 0 }, rules).state
  return outbox.map(({ builder }) => barOf('A', builder, { closedAt: 0 }))
}

/** What readers see of the signals of a run that has seen these bars only. */
function visibleOf(bars: readonly Bar[]) {
  const fold = new BarFold(analysis, startSymbol(analysis), LATENESS)
  const revised = bars.map((bar) => ({ bar: toSeriesBar(bar), revision: 1, withdrawn: false, closedAt: 0 }))
  return fold
    .take(revised)
    .signals.map(({ start, values, patterns }) => [
      start,
      nameValues(analysis, values),
      patterns.map(({ pattern }) => pattern.name).toSorted(),
    ])
}

const storedOf = (pipeline: Pipeline) =>
  [...pipeline.history.bars.values()]
    .filter(({ withdrawn }) => !withdrawn)
    .toSorted((one, other) => one.start - other.start)
    .map(({ revision: _revision, source: _source, ...bar }) => bar)
/** Whether a trade before the first of a line is missing, nothing tells: a rebuild leaves what its bar says. */
const expectedOf = (pipeline: Pipeline, bars: readonly Bar[]) =>
  bars.map(({ revision: _revision, closedAt: _closedAt, ...bar }, index) =>
    index === 0 ? { ...bar, complete: storedOf(pipeline)[0]?.complete } : bar,
  )

/** Everybody has done all that there is to do. */
async function settle(pipeline: Pipeline): Promise<void> {
  await pipeline.analyse(Infinity)
  await pipeline.write(Infinity)
}

/** A rebuild by the command: bars, then signals. */
async function rebuild(pipeline: Pipeline, from = HOUR): Promise<void> {
  await pipeline.history.rebuild(SPAN)
  await pipeline.rebuildSignals(from)
}

/** One whose trades have come just now, so that only minutes are final that are older than the lateness. */
function livePipeline(): Pipeline {
  const pipeline = new Pipeline()
  pipeline.history.now = SPAN.to * 1000
  return pipeline
}

const inOrder = (minutes: number): Given[] =>
  Array.from({ length: minutes * 2 }, (_, id) => ({
    second: id * 30,
    price: 10 + ((id * 7) % 5),
    volume: 1 + (id % 3),
    id,
  }))

describe('a rebuild of signals', () => {
  it('changes nothing where the bars were right', async () => {
    const pipeline = new Pipeline()
    come(pipeline, inOrder(20))
    await settle(pipeline)
    const before = pipeline.visible()
    expect(await pipeline.rebuildSignals(HOUR)).toMatchObject({ signals: 0 })
    await settle(pipeline)
    expect(pipeline.visible()).toEqual(before)
  })

  it('from a minute on that is after all bars changes nothing, whatever the state needs of those before', async () => {
    const pipeline = new Pipeline()
    come(pipeline, inOrder(60))
    await settle(pipeline)
    const before = (await pipeline.states.load(['A'])).get('A')
    expect(await pipeline.rebuildSignals(HOUR + 30 * 86_400)).toEqual({ signals: 0, 'signals-unchanged': 0 })
    expect((await pipeline.states.load(['A'])).get('A')).toEqual(before)
  })

  it('leaves imported bars out, before the others and after them', async () => {
    const pipeline = livePipeline()
    come(pipeline, inOrder(20))
    await settle(pipeline)
    const [first] = pipeline.history.bars.values()
    if (first === undefined) throw new Error('there is no bar')
    for (const start of [HOUR - 600, HOUR + 25 * 60])
      pipeline.history.bars.set(`A ${start}`, { ...first, start, revision: 0, source: 'venue' })
    const before = pipeline.visible()
    expect(await pipeline.rebuildSignals(HOUR - 3600)).toMatchObject({ signals: 0 })
    pipeline.loseStates()
    await pipeline.rebuildSignals(HOUR - 3600)
    await settle(pipeline)
    expect(pipeline.visible()).toEqual(before)
    const { recent = [] } = (await pipeline.states.load(['A'])).get('A')?.state ?? {}
    expect(recent.map(({ bar }) => (bar.start - HOUR) / 60)).toEqual([16, 17, 18])
  })

  it('gives those of the bars as they are now, and the analytics part goes on from them', async () => {
    const all = inOrder(40)
    const late = all.filter(({ id }) => id === 9 || id === 10)
    const live = all.filter((each) => !late.includes(each))
    const pipeline = livePipeline()
    come(pipeline, [...live.slice(0, 50), ...late])
    await settle(pipeline)
    expect(pipeline.visible()).not.toEqual(visibleOf(barsOf(all.slice(0, 50))).slice(0, -1))
    await rebuild(pipeline)
    await settle(pipeline)
    come(pipeline, live.slice(50))
    pipeline.happens({ type: 'flush', now: 0 })
    await settle(pipeline)
    expect(storedOf(pipeline)).toEqual(expectedOf(pipeline, barsOf(all)))
    expect(pipeline.visible()).toEqual(visibleOf(barsOf(all)))
    expect(await pipeline.rebuildSignals(HOUR)).toMatchObject({ signals: 0 })
  })

  it('goes on from what the analytics part has committed meanwhile', async () => {
    const all = inOrder(40)
    const late = all.filter(({ id }) => id === 9)
    const live = all.filter((each) => !late.includes(each))
    const pipeline = livePipeline()
    come(pipeline, [...live.slice(0, 50), ...late])
    await settle(pipeline)
    await pipeline.history.rebuild(SPAN)
    let isMet = false
    pipeline.meet = async (what) => {
      if (what !== 'commit' || isMet) return
      isMet = true
      // Two more minutes close, of which the rebuild has not heard.
      come(pipeline, live.slice(50, 56))
      await pipeline.analyse(Infinity)
    }
    await pipeline.rebuildSignals(HOUR)
    expect(isMet).toBe(true)
    come(pipeline, live.slice(56))
    pipeline.happens({ type: 'flush', now: 0 })
    await settle(pipeline)
    expect(pipeline.visible()).toEqual(visibleOf(barsOf(all)))
  })

  it('outdates what the analytics part has put from the state before, and could not commit', async () => {
    const all = inOrder(40)
    const late = all.filter(({ id }) => id === 9)
    const live = all.filter((each) => !late.includes(each))
    const pipeline = livePipeline()
    come(pipeline, [...live.slice(0, 50), ...late])
    await settle(pipeline)
    await pipeline.history.rebuild(SPAN)
    come(pipeline, live.slice(50, 56))
    let isMet = false
    pipeline.meetAnalytics = async () => {
      if (isMet) return
      isMet = true
      await pipeline.rebuildSignals(HOUR)
    }
    await pipeline.analyse(Infinity)
    expect(isMet).toBe(true)
    come(pipeline, live.slice(56))
    pipeline.happens({ type: 'flush', now: 0 })
    await settle(pipeline)
    expect(pipeline.visible()).toEqual(visibleOf(barsOf(all)))
  })

  it('makes the state of a symbol that has lost it', async () => {
    const all = inOrder(40)
    const [one, other] = [new Pipeline(), new Pipeline()]
    for (const pipeline of [one, other]) {
      come(pipeline, all.slice(0, 60))
      await settle(pipeline)
    }
    // The other's analytics begin anew.
    const lost = new Pipeline()
    for (const bar of other.history.bars.values()) lost.history.bars.set(`A ${bar.start}`, bar)
    for (const [start, row] of other.rows) lost.rows.set(start, row)
    await lost.rebuildSignals(HOUR)
    expect((await lost.states.load(['A'])).get('A')?.state.finalized).toEqual(
      (await one.states.load(['A'])).get('A')?.state.finalized,
    )
  })

  it('corrects the state of a symbol that has begun anew', async () => {
    const all = inOrder(40)
    const pipeline = livePipeline()
    come(pipeline, all.slice(0, 50))
    await settle(pipeline)
    pipeline.loseStates()
    come(pipeline, all.slice(50, 54))
    await settle(pipeline)
    expect(pipeline.visible()).not.toEqual(visibleOf(barsOf(all.slice(0, 54))).slice(0, -1))
    await pipeline.rebuildSignals(HOUR)
    come(pipeline, all.slice(54))
    pipeline.happens({ type: 'flush', now: 0 })
    await settle(pipeline)
    expect(pipeline.visible()).toEqual(visibleOf(barsOf(all)))
  })

  it('goes on from the on-balance volume before its first minute, and needs the bars of a warm-up only', async () => {
    const all = inOrder(400)
    const late = all.filter(({ id }) => id === 781)
    const pipeline = new Pipeline()
    come(pipeline, [...all.filter((each) => !late.includes(each)), ...late])
    pipeline.happens({ type: 'flush', now: 0 })
    await settle(pipeline)
    // The bars of the first hours are gone, as by retention.
    for (const [key, bar] of pipeline.history.bars)
      if (bar.start < HOUR + 7200) pipeline.history.bars.delete(key)
    await pipeline.history.rebuild({ from: HOUR + 3600 * 6, to: HOUR + 3600 * 7 })
    await pipeline.rebuildSignals(HOUR + 3600 * 6)
    await settle(pipeline)
    const expected = visibleOf(barsOf(all))
    for (const [index, [start, values, patterns]] of pipeline.visible().slice(-30).entries()) {
      const [sameStart, sameValues, samePatterns] = expected.slice(-30)[index] ?? []
      expect([start, patterns]).toEqual([sameStart, samePatterns])
      for (const [name, value] of Object.entries(sameValues ?? {}))
        // The day of the vwap has lost bars.
        if (name !== 'vwap') expect(values[name]).toBeCloseTo(Number(value), 7)
      expect(values['obv']).toBe(Object(sameValues)['obv'])
    }
  })

  it('names the symbol at which it fails', async () => {
    const pipeline = new Pipeline()
    come(pipeline, inOrder(10))
    await settle(pipeline)
    pipeline.meet = async (what) => {
      if (what === 'signals') throw new Error('the database is away')
    }
    await expect(pipeline.rebuildSignals(HOUR)).rejects.toThrow(
      new SignalsError('signals of A: the database is away'),
    )
  })
})

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

it('a task that goes on with other indicators begins its symbol again', async () => {
  const pipeline = new Pipeline()
  come(pipeline, inOrder(60))
  await settle(pipeline)
  const before = pipeline.visible()
  pipeline.rows.clear()
  const place = { symbol: 'A', next: HOUR + 1800, last: HOUR + 1740, indicators: 'sma(9)', state: '' }
  await pipeline.rebuildSignals(HOUR, { place })
  await settle(pipeline)
  expect(pipeline.visible()).toEqual(before)
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
