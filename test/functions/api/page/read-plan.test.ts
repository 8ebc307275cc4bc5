import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Direction, planReads, type Read } from '../../../../functions/api/page/read-plan.ts'

const MINUTE_MS = 60_000
const span = { from: 0, to: 10 * MINUTE_MS }

/** The minutes that reads cover, in the order in which they come. */
const covered = (reads: readonly Read[], direction: Direction): string[] =>
  reads.flatMap(({ symbols, from, to }) =>
    symbols.flatMap((symbol) => {
      const minutes: string[] = []
      for (let time = Math.ceil(from / MINUTE_MS) * MINUTE_MS; time < to; time += MINUTE_MS)
        minutes.push(`${symbol} ${time}`)
      return direction === 'asc' ? minutes : minutes.toReversed()
    }),
  )

describe('the reads of a page', () => {
  it('are one where all symbols together are small', () => {
    const spans = new Map([
      ['A', span],
      ['B', span],
    ])
    expect([...planReads(spans, { direction: 'asc', after: undefined, maxMinutes: 20 })]).toEqual([
      { symbols: ['A', 'B'], ...span },
    ])
  })

  it('cover every minute behind the place, once and in order, and none looks at more than it may', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'), { minLength: 1 }),
        fc.array(fc.record({ from: fc.nat(60), length: fc.nat(60) }), { minLength: 4, maxLength: 4 }),
        fc.constantFrom<Direction>('asc', 'desc'),
        fc.option(fc.record({ symbol: fc.constantFrom('A', 'B', 'C', 'D'), minute: fc.nat(120) }), {
          nil: undefined,
        }),
        fc.integer({ min: 1, max: 100 }),
        (names, lengths, direction, place, maxMinutes) => {
          const spans = new Map(
            names.toSorted().map((name, index) => {
              const { from = 0, length = 0 } = lengths[index] ?? {}
              return [name, { from: from * MINUTE_MS, to: (from + length) * MINUTE_MS }]
            }),
          )
          const after = place && { symbol: place.symbol, time: place.minute * MINUTE_MS }
          const reads = [...planReads(spans, { direction, after, maxMinutes })]
          const all = [...spans].map(([symbol, each]) => ({ symbols: [symbol], ...each }))
          const expected = covered(all, direction).filter((key) => {
            const [symbol = '', time = ''] = key.split(' ')
            if (after === undefined || symbol > after.symbol) return true
            if (symbol < after.symbol) return false
            return direction === 'asc' ? Number(time) > after.time : Number(time) < after.time
          })
          expect(covered(reads, direction)).toEqual(expected)
          for (const { symbols, from, to } of reads)
            expect((symbols.length * (to - from)) / MINUTE_MS).toBeLessThanOrEqual(maxMinutes)
        },
      ),
    )
  })
})
