import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Bar, BarSeries } from '../../web/src/market/bar.ts'
import { bar } from './bars.ts'

function merged(...parts: readonly (readonly Bar[])[]): readonly Bar[] {
  const series = new BarSeries()
  for (const part of parts) series.merge(part)
  return series.bars
}

describe('BarSeries', () => {
  it('keeps the highest revision of each time, in whatever order bars come', () => {
    const revised = fc.record({
      time: fc.integer({ min: 0, max: 20 }),
      revision: fc.integer({ min: 1, max: 4 }),
    })
    fc.assert(
      fc.property(fc.array(revised), (some) => {
        const bars = some.map(({ time, revision }) => bar({ time: time * 60, revision }))
        const shown = merged(...bars.map((one) => [one]))
        const highest = new Map<number, number>()
        for (const { time, revision } of bars) highest.set(time, Math.max(highest.get(time) ?? 0, revision))
        expect(shown.map(({ time, revision }) => [time, revision])).toEqual(
          [...highest].toSorted(([a], [b]) => a - b),
        )
      }),
    )
  })

  it('says how many are new, and how many are corrected', () => {
    const series = new BarSeries()
    series.merge([bar({ time: 60 }), bar({ time: 120 })])
    const again = [bar({ time: 120, revision: 2 }), bar({ time: 60 }), bar({ time: 180 })]
    expect(series.merge(again)).toEqual({ added: 1, revised: 1 })
    expect(series.merge(again)).toEqual({ added: 0, revised: 0 })
  })

  it('takes back no correction when an older answer comes late', () => {
    const shown = merged([bar({ time: 60, revision: 2, close: '11' })], [bar({ time: 60, close: '10' })])
    expect(shown).toEqual([bar({ time: 60, revision: 2, close: '11' })])
  })

  it('notes that a longer bar has filled, which changes no revision', () => {
    const filled = { time: 300, revision: 5, complete: true }
    expect(merged([bar({ ...filled, complete: false })], [bar(filled)])).toEqual([bar(filled)])
    expect(merged([bar(filled)], [bar({ ...filled, complete: false })])).toEqual([bar(filled)])
  })

  it('leaves out a bar that is withdrawn, whatever comes again, until it comes back', () => {
    const series = new BarSeries()
    const gone = bar({ time: 60, revision: 2, withdrawn: true })
    expect(series.merge([bar({ time: 60 }), bar({ time: 120 }), gone, gone])).toEqual({
      added: 2,
      revised: 1,
    })
    expect(series.merge([bar({ time: 60 })])).toEqual({ added: 0, revised: 0 })
    expect([series.first?.time, series.at(60)]).toEqual([120, undefined])
    series.merge([bar({ time: 60, revision: 3 }), gone])
    expect(series.bars).toEqual([bar({ time: 60, revision: 3 }), bar({ time: 120 })])
  })

  it('leaves out what all that is there between two times no longer has', () => {
    const series = new BarSeries()
    series.merge([60, 120, 180, 240].map((time) => bar({ time })))
    series.mergeWhole([bar({ time: 120 }), bar({ time: 240 })])
    expect(series.bars.map(({ time }) => time)).toEqual([60, 120, 240])
    series.mergeWhole([])
    series.drop(60)
    series.drop(180)
    expect(series.bars.map(({ time }) => time)).toEqual([120, 240])
  })

  it('finds bars', () => {
    const series = new BarSeries()
    series.merge([bar({ time: 180 }), bar({ time: 60 })])
    expect([series.first?.time, series.last?.time, series.at(60)?.time, series.at(120)]).toEqual([
      60,
      180,
      60,
      undefined,
    ])
  })
})
