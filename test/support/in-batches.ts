import { expect } from 'vitest'

import {
  type Analysis,
  findPatterns,
  type FoundPattern,
  startAnalysis,
  takeBar,
  takeBars,
} from '../../functions/domain/analysis.ts'
import type { SeriesBar } from '../../functions/domain/series.ts'

/** Expects that bars give in batches what they give one by one, to the bit; a batch begins at each cut. */
export function expectSameInBatches(
  analysis: Analysis,
  bars: readonly SeriesBar[],
  cuts: readonly number[],
): void {
  const [single, batched] = [startAnalysis(analysis), startAnalysis(analysis)]
  const ends = [...cuts, bars.length].toSorted((one, other) => one - other)
  let first = 0
  for (const end of ends) {
    const batch = bars.slice(first, end)
    const expected = oneByOne(analysis, single, batch)
    const values = new Float64Array(analysis.outputs.length * batch.length)
    const patterns: (readonly FoundPattern[])[] = []
    takeBars(analysis, batched, { bars: batch, values, patterns })
    expect([first, bitsOf(values)]).toEqual([first, bitsOf(expected.values)])
    expect(patterns).toEqual(expected.patterns)
    expect(batched).toEqual(single)
    first = end
  }
}

function oneByOne(analysis: Analysis, state: ReturnType<typeof startAnalysis>, bars: readonly SeriesBar[]) {
  const width = analysis.outputs.length
  const columns = new Float64Array(width * bars.length)
  const values = new Float64Array(width)
  const patterns = bars.map((bar, place) => {
    takeBar(analysis, state, { bar, values })
    for (const [output, value] of values.entries()) columns[output * bars.length + place] = value
    return findPatterns(analysis, state)
  })
  return { values: columns, patterns }
}

/** As bits, 0 and −0 differ; all that are not a number are alike. */
function bitsOf(values: Float64Array): BigUint64Array {
  return new BigUint64Array(values.buffer)
}
