import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { startSymbol } from '../../../functions/analytics/state-codec.ts'
import { DEFAULT_INDICATORS } from '../../../functions/domain/indicators/table.ts'
import { DEFAULT_PATTERNS } from '../../../functions/domain/patterns/table.ts'
import type { SeriesBar } from '../../../functions/domain/series.ts'
import { BarFold, type MinuteSignals, type RevisedBar } from '../../../functions/domain/signals.ts'
import { readAnalysis } from '../../../functions/shared/runtime/analysis-fields.ts'
import { readGolden } from '../../support/golden.ts'

const analysis = readAnalysis({
  indicators: DEFAULT_INDICATORS,
  patterns: DEFAULT_PATTERNS,
  vwapAnchor: 'America/New_York 00:00',
})
const golden = readGolden().map(({ bar }) => bar)
const fold = (state: ReturnType<typeof startSymbol>) => new BarFold(analysis, state, { latenessSeconds: 120 })

/** Every seventh bar of the golden set first comes in another shape, and is corrected up to two minutes later. */
const stream: RevisedBar[] = golden.flatMap((bar, index) => {
  const late = index - (index % 3)
  const own = {
    bar: isCorrected(index) ? flattened(bar) : bar,
    revision: 1,
    withdrawn: false,
    closedAt: index,
  }
  const corrected = golden[late]
  return corrected !== undefined && index % 3 === (late % 2) + 1 && isCorrected(late)
    ? [own, { bar: corrected, revision: 2, withdrawn: false, closedAt: index + 0.5 }]
    : [own]
})

function isCorrected(index: number): boolean {
  return index % 21 === 0
}

function flattened(bar: SeriesBar): SeriesBar {
  return { ...bar, close: bar.open, volume: 0, vwap: 0 }
}

function textOf({ values, ...minute }: MinuteSignals): string {
  return JSON.stringify({ ...minute, values: [...values] })
}

describe('what is known of a symbol', () => {
  it('goes on the same from JSON, revisions and patterns included, wherever 20,000 bars are cut', () => {
    const whole = fold(startSymbol(analysis)).take(stream).signals.map(textOf)
    expect(whole.filter((text) => !text.includes('"withdrawn":[]')).length).toBeGreaterThan(0)
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(stream.length), { minLength: 30, maxLength: 60 }), (places) => {
        let state = startSymbol(analysis)
        let from = 0
        const found: string[] = []
        for (const to of [...places.toSorted((a, b) => a - b), stream.length]) {
          found.push(...fold(state).take(stream.slice(from, to)).signals.map(textOf))
          state = JSON.parse(JSON.stringify(state))
          from = to
        }
        expect(found.length).toBe(whole.length)
        expect(found.findIndex((text, index) => text !== whole[index])).toBe(-1)
      }),
      { numRuns: 2 },
    )
  })

  it('carries the time of what closed a bar to all minutes that are computed again for it', () => {
    const bars = golden.slice(0, 4)
    const revised = bars.map((bar, index) => ({ bar, revision: 1, withdrawn: false, closedAt: 1000 + index }))
    const state = startSymbol(analysis)
    expect(
      fold(state)
        .take(revised)
        .signals.map((each) => each.closedAt),
    ).toEqual([1000, 1001, 1002, 1003])
    const again = bars
      .slice(2, 3)
      .map((bar) => ({ bar: flattened(bar), revision: 2, withdrawn: false, closedAt: 7777 }))
    expect(
      fold(state)
        .take(again)
        .signals.map((each) => each.closedAt),
    ).toEqual([7777, 7777])
  })
})
