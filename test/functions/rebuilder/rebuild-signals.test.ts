import { describe, expect, it } from 'vitest'

import { SignalsError } from '../../../functions/rebuilder/rebuild-signals.ts'
import { HOUR } from './harness.ts'
import { Pipeline } from './pipeline.ts'
import {
  SPAN,
  come,
  barsOf,
  visibleOf,
  storedOf,
  expectedOf,
  settle,
  finish,
  rebuild,
  livePipeline,
  inOrder,
} from './trades-into.ts'

/** The analytics part takes what has come, and before its commit the signals are rebuilt. */
async function rebuiltBeforeCommit(pipeline: Pipeline): Promise<void> {
  let isMet = false
  pipeline.meetAnalytics = async () => {
    if (isMet) return
    isMet = true
    await pipeline.rebuildSignals(HOUR)
  }
  await pipeline.analyse(Infinity)
  expect(isMet).toBe(true)
}

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
    await finish(pipeline, live.slice(50))
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
    await finish(pipeline, live.slice(56))
    expect(pipeline.visible()).toEqual(visibleOf(barsOf(all)))
  })

  it('puts nothing that follows from a state which the analytics part has replaced', async () => {
    const all = inOrder(40)
    const [late, correction] = [9, 46].map((number) => all.filter(({ id }) => id === number))
    const live = all.filter(({ id }) => id !== 9 && id !== 46)
    const pipeline = livePipeline()
    come(pipeline, [...live.slice(0, 48), ...(late ?? [])])
    await settle(pipeline)
    await pipeline.history.rebuild(SPAN)
    let isMet = false
    pipeline.meet = async (what) => {
      if (what !== 'signals' || isMet) return
      isMet = true
      // After the state was loaded, a bar is revised that is recent.
      come(pipeline, correction ?? [])
      await pipeline.analyse(Infinity)
      await pipeline.write(Infinity)
    }
    await pipeline.rebuildSignals(HOUR)
    expect(isMet).toBe(true)
    await finish(pipeline, live.slice(48))
    expect(pipeline.visible()).toEqual(visibleOf(barsOf(all)))
  })

  it.each([false, true])(
    'outdates what the analytics part has put of bars that are stored already, with its states lost: %s',
    async (isLost) => {
      const all = inOrder(40)
      // Of the minute before the last, there is no other trade.
      const isLate = ({ id }: { id: number }): boolean => id === 9 || id === 46 || id === 47
      const live = all.filter((each) => !isLate(each))
      const pipeline = livePipeline()
      come(pipeline, [...live.slice(0, 47), ...all.filter(({ id }) => id === 9)])
      await settle(pipeline)
      await pipeline.history.rebuild(SPAN)
      if (isLost) pipeline.loseStates()
      come(
        pipeline,
        all.filter(({ id }) => id === 46),
      )
      come(
        pipeline,
        all.filter(({ id }) => id === 47),
      )
      pipeline.writeBars(Infinity)
      await rebuiltBeforeCommit(pipeline)
      await finish(pipeline, live.slice(47))
      expect(pipeline.visible()).toEqual(visibleOf(barsOf(all)))
    },
  )

  it('outdates what the analytics part has put from the state before, and could not commit', async () => {
    const all = inOrder(40)
    const late = all.filter(({ id }) => id === 9)
    const live = all.filter((each) => !late.includes(each))
    const pipeline = livePipeline()
    come(pipeline, [...live.slice(0, 50), ...late])
    await settle(pipeline)
    await pipeline.history.rebuild(SPAN)
    come(pipeline, live.slice(50, 56))
    await rebuiltBeforeCommit(pipeline)
    await finish(pipeline, live.slice(56))
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
    await finish(pipeline, all.slice(54))
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
