import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  decodeSubscriptions,
  encodeSubscriptions,
} from '../../../functions/broadcaster/subscriptions-codec.ts'
import { type Subscriptions } from '../../../functions/broadcaster/subscriptions.ts'

const symbols = fc
  .array(fc.constantFrom('*', 'A', 'BRK.B', 'a', '@', 'CONSTRUCTOR', '__proto__'), { maxLength: 7 })
  .map((each) => new Set(each))
const subscriptionsArbitrary: fc.Arbitrary<Subscriptions> = fc.record({
  bar: symbols,
  indicators: symbols,
  patterns: symbols,
  ticks: symbols,
})

describe('the text of subscriptions', () => {
  it('gives the subscriptions again', () => {
    fc.assert(
      fc.property(subscriptionsArbitrary, (given) => {
        expect(decodeSubscriptions(encodeSubscriptions(given))).toEqual(given)
      }),
    )
  })

  it('is the same for the same, in whatever order they came', () => {
    const none = { patterns: new Set<string>(), ticks: new Set<string>() }
    const one = { ...none, bar: new Set(['A', 'B']), indicators: new Set(['B', 'C']) }
    const other = { ...none, bar: new Set(['B', 'A']), indicators: new Set(['C', 'B']) }
    expect(encodeSubscriptions(one)).toBe(encodeSubscriptions(other))
    expect(encodeSubscriptions(one)).toBe(
      '[[["bar","indicators"],["B"]],[["bar"],["A"]],[["indicators"],["C"]]]',
    )
  })
})
