import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  adjustmentOf,
  adjustmentWithin,
  dividendEffect,
  splitEffect,
} from '../../../functions/domain/adjustment.ts'

const share = fc.bigInt({ min: 1n, max: 10_000n })
const effect = fc
  .record({ before: fc.integer({ min: 1, max: 20 }), to: share, from: share })
  .map(({ before, to, from }) => splitEffect(before, to, from))

describe('an adjustment', () => {
  it('is none of nothing, of 1 for 1, and of a split with its inverse', () => {
    expect(adjustmentOf([])).toBeUndefined()
    expect(adjustmentOf([splitEffect(1, 7n, 7n)])).toBeUndefined()
    expect(adjustmentOf([splitEffect(5, 4n, 1n), splitEffect(5, 2n, 8n)])).toBeUndefined()
  })

  it('has whole multipliers of one unit, 1 in the end', () => {
    expect(adjustmentOf([splitEffect(10, 4n, 1n), splitEffect(20, 3n, 2n)])).toEqual({
      from: [-Infinity, 10, 20],
      price: { unit: 6n, multipliers: [1n, 4n, 6n] },
      volume: { unit: 2n, multipliers: [12n, 3n, 2n] },
      notional: { unit: 1n, multipliers: [1n, 1n, 1n] },
    })
  })

  it('does not depend on the order of its actions, and leaves price times volume of splits', () => {
    fc.assert(
      fc.property(fc.array(effect, { maxLength: 6 }), (effects) => {
        const found = adjustmentOf(effects)
        expect(adjustmentOf(effects.toReversed())).toEqual(found)
        expect(new Set(found?.notional.multipliers ?? [1n])).toEqual(new Set([1n]))
      }),
    )
  })

  it('of a part has the multipliers of its times', () => {
    fc.assert(
      fc.property(
        fc.array(effect, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 21 }),
        fc.integer({ min: 1, max: 5 }),
        (effects, from, length) => {
          const all = adjustmentOf(effects)
          if (all === undefined) return
          const part = adjustmentWithin(all, { from, to: from + length })
          const at = ({ from: starts, price }: typeof all, time: number) =>
            price.multipliers[starts.findLastIndex((start) => start <= time)]
          for (let time = from; time < from + length; time++) expect(at(part, time)).toBe(at(all, time))
          expect(part.price.unit).toBe(all.price.unit)
        },
      ),
    )
  })

  it('has no dividend that is not less than the close', () => {
    expect(dividendEffect(1, 8n, 2496n)?.price).toEqual({ numerator: 311n, denominator: 312n })
    expect(dividendEffect(1, 60n, 60n)).toBeUndefined()
    expect(dividendEffect(1, 1n, -5n)).toBeUndefined()
  })
})
