import { describe, expect, it } from 'vitest'

import { DEFAULT_INDICATORS, INDICATORS } from '../../../../functions/domain/indicators/table.ts'
import { fadesAfter, Refold } from '../../../../functions/domain/refold.ts'
import { readAnalysis } from '../../../../functions/shared/runtime/analysis-fields.ts'
import { readGolden } from '../../../support/golden.ts'

const bars = readGolden().map(({ bar }) => bar)
/** Where the shorter run begins. */
const START = 5000

describe('an indicator whose first bars are forgotten', () => {
  it('is every kind but the on-balance volume', () => {
    const selected = readAnalysis({ indicators: DEFAULT_INDICATORS, patterns: '', vwapAnchor: 'UTC 00:00' })
    const lasting = selected.indicators.filter(({ indicator }) => indicator.fadesAfter === Infinity)
    expect(lasting.map(({ name }) => name)).toEqual(['obv'])
    expect([...INDICATORS.keys()].filter((kind) => !DEFAULT_INDICATORS.includes(kind))).toEqual([])
  })

  it.each(DEFAULT_INDICATORS.split(' ').filter((name) => name !== 'obv' && name !== 'vwap'))(
    '%s has the values of a run over all bars after as many as it says',
    (name) => {
      const analysis = readAnalysis({ indicators: name, patterns: '', vwapAnchor: 'UTC 00:00' })
      const [whole, part] = [new Refold(analysis), new Refold(analysis)]
      const first = START + fadesAfter(analysis)
      whole.pass(bars.slice(0, first))
      part.pass(bars.slice(START, first))
      const rest = bars.slice(first, first + 500)
      const refolded = part.take(rest)
      for (const [index, { values: expected }] of whole.take(rest).entries()) {
        const found = refolded[index]?.values ?? []
        const largest = Math.max(...expected.map(Math.abs))
        for (const [place, value] of expected.entries())
          expect(Math.abs((found[place] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-9 * largest)
      }
    },
  )
})
