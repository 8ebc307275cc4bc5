import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { largestItem } from '../../functions/analytics/largest-state.ts'
import { createStateCodec, startSymbol } from '../../functions/analytics/state-codec.ts'
import { DEFAULT_INDICATORS } from '../../functions/domain/indicators/table.ts'
import { DEFAULT_PATTERNS } from '../../functions/domain/patterns/table.ts'
import { BarFold } from '../../functions/domain/signals.ts'
import { readAnalysis } from '../../functions/shared/runtime/analysis-fields.ts'
import { walk, type Walk } from '../support/price-walk.ts'

const page = readFileSync(new URL('../../docs/state.md', import.meta.url), 'utf8').replaceAll(/ +/g, ' ')
const analysis = readAnalysis({
  indicators: DEFAULT_INDICATORS,
  patterns: DEFAULT_PATTERNS,
  vwapAnchor: 'America/New_York 00:00',
})
const codec = createStateCodec(analysis)

/** Bytes of the attribute `state`, once the longest average has its bars. */
function sizesOf(prices: Walk, latenessSeconds: number): { readonly median: number; readonly most: number } {
  const state = startSymbol(analysis)
  const fold = new BarFold(analysis, state, { latenessSeconds })
  const sizes = walk(prices, 2000).map((bar) => {
    fold.take([{ bar, revision: 1, withdrawn: false, closedAt: 0 }])
    return codec.encode(state)['state']?.B?.length ?? 0
  })
  const sorted = sizes.slice(300).toSorted((a, b) => a - b)
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, most: sorted.at(-1) ?? 0 }
}

const grouped = (bytes: number): string => bytes.toLocaleString('en-US')

describe('docs/state.md', () => {
  it.each<[string, Walk]>([
    ['a calm stock: 150.00, 4 cents a minute', { from: 150, tick: 0.01, move: 0.04 }],
    ['a volatile one: 500.00, 3.00 a minute', { from: 500, tick: 0.01, move: 3 }],
    ['bitcoin in ticks of 0.1: 100,000.0, 50.0 a minute', { from: 100_000, tick: 0.1, move: 50 }],
    ['eight decimals: 0.00001234, 0.00000005 a minute', { from: 1.234e-5, tick: 1e-8, move: 5e-8 }],
    ['eight decimals: 0.05, 0.00005 a minute', { from: 0.05, tick: 1e-8, move: 5e-5 }],
    ['eight decimals: 100,000, 50 a minute', { from: 100_000, tick: 1e-8, move: 50 }],
  ])('says what the state takes with %s', (says, prices) => {
    const cells = [120, 600].flatMap((lateness) => {
      const { median, most } = sizesOf(prices, lateness)
      return [grouped(median), grouped(most)]
    })
    expect(page).toContain(`| ${says} | ${cells.join(' | ')} |`)
  })

  it('says what it may take at the most, which is less than 4 KB by default', () => {
    const [byDefault, late] = [120, 600].map((lateness) => largestItem(analysis, lateness))
    expect(byDefault).toBeLessThan(4096)
    expect(page).toContain(
      `| any prices: no more than | | ${grouped(byDefault ?? 0)} | | ${grouped(late ?? 0)} |`,
    )
  })
})
