import { describe, expect, it } from 'vitest'

import { toSignalRecords } from '../../../functions/analytics/signal-records.ts'
import { startSymbol } from '../../../functions/analytics/state-codec.ts'
import { DEFAULT_PATTERNS } from '../../../functions/domain/patterns/table.ts'
import { BarFold } from '../../../functions/domain/signals.ts'
import { readAnalysis } from '../../../functions/shared/runtime/analysis-fields.ts'
import type { PatternsRecord } from '../../../functions/shared/streams/records.ts'
import { readGolden } from '../../support/golden.ts'
import { MARGINS, measure } from '../../support/pattern-oracle.ts'

/** Candles of each pattern; engulfing alone is measured against nothing but its candles. */
const CANDLES: Readonly<Record<string, number>> = {
  doji: 1,
  hammer: 2,
  hanging_man: 2,
  inverted_hammer: 2,
  shooting_star: 2,
  engulfing: 2,
  harami: 2,
  morning_star: 3,
  evening_star: 3,
  three_white_soldiers: 3,
  three_black_crows: 4,
}

const golden = readGolden()
const analysis = readAnalysis({ indicators: '', patterns: DEFAULT_PATTERNS, vwapAnchor: 'UTC 00:00' })
const found = new BarFold(analysis, startSymbol(analysis), { latenessSeconds: 0 })
  .take(golden.map(({ bar }) => ({ bar, revision: 1, withdrawn: false, closedAt: 0 })))
  .signals.flatMap((minute, index) =>
    toSignalRecords(analysis, minute, { symbol: 'A', calculatedAt: 0 })
      .filter((record) => record.type === 'patterns')
      .flatMap(({ patterns }) => patterns.map((pattern) => ({ index, pattern }))),
  )
const those = (name: string) => found.filter(({ pattern }) => pattern.pattern_type === name)

function candleAt(index: number, name: string) {
  const { mean_body_before, mean_range_before, mean_range_before_5, ...own } = measure(golden, index)
  const start = golden[index]?.bar.start ?? Number.NaN
  return {
    timestamp: new Date(start * 1000).toISOString().replace('.000Z', 'Z'),
    ...own,
    ...(name !== 'engulfing' && { mean_body_before, mean_range_before, mean_range_before_5 }),
  }
}

/** Of a pattern that ends at a bar, by hand. */
function marginsOf(name: string, index: number): Readonly<Record<string, number>> {
  const [first, ...later] = placesOf(name, index).map((place) => measure(golden, place))
  return (first && MARGINS[name]?.(first, ...later)) ?? {}
}

function placesOf(name: string, index: number): number[] {
  const count = CANDLES[name] ?? 0
  return Array.from({ length: count }, (_, place) => index - count + 1 + place)
}

function errorsOf(said: unknown, expected: Readonly<Record<string, number>>): string[] {
  const margins = new Map(Object.entries(said ?? {}))
  const wrong = Object.entries(expected).filter(
    ([name, margin]) => !(Math.abs(Number(margins.get(name)) - margin) <= FOURTH_DECIMAL),
  )
  return [...wrong.map(String), ...[...margins.keys()].filter((name) => !(name in expected))]
}

/** What rounding to four decimals may change. */
const FOURTH_DECIMAL = 0.00005 + 1e-9

describe.each(Object.keys(CANDLES))('what is said of each %s in 20,000 bars', (name) => {
  const all = those(name)

  it('holds its candles, oldest first, with what they were measured against', () => {
    expect(all.length).toBeGreaterThan(0)
    for (const { index, pattern } of all)
      expect(pattern.pattern_data['candles']).toEqual(
        placesOf(name, index).map((place) => candleAt(place, name)),
      )
  })

  it('holds by how far each condition was met', () => {
    const errors = all.flatMap(({ index, pattern }) =>
      errorsOf(pattern.pattern_data['margins'], marginsOf(name, index)),
    )
    expect(errors).toEqual([])
  })

  it('has the mean of these margins as its confidence, which differs from candle to candle', () => {
    const wrong = all.filter(({ index, pattern }) => {
      const margins = Object.values(marginsOf(name, index))
      const mean = margins.reduce((sum, margin) => sum + margin, 0) / margins.length
      return !(Math.abs(pattern.confidence - mean) <= FOURTH_DECIMAL)
    })
    expect(wrong).toEqual([])
    expect(confidencesOf(all).every((confidence) => confidence >= 0 && confidence <= 1)).toBe(true)
    expect(new Set(confidencesOf(all)).size).toBeGreaterThan(1)
  })
})

function confidencesOf(all: readonly { readonly pattern: PatternsRecord['patterns'][number] }[]): number[] {
  return all.map(({ pattern }) => pattern.confidence)
}
