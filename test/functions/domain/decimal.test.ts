import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { formatDecimal, formatUnits, parseDecimal, toUnits } from '../../../functions/domain/decimal.ts'

const decimals = fc.tuple(
  fc.oneof(
    fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }),
    // On either side of what a double keeps apart.
    fc.bigInt({ min: 0n, max: 2n * 10n ** 7n }),
    fc.bigInt({ min: 10n ** 7n - 3n, max: 10n ** 7n + 3n }),
  ),
  fc.oneof(fc.integer({ min: 0, max: 99_999_999 }), fc.constantFrom(1, 10, 99_999_999)),
)

describe('decimals', () => {
  it.each([
    ['150.25', 150, 25_000_000],
    ['0.00000001', 0, 1],
    ['184467440737.09551615', 184_467_440_737, 9_551_615],
    ['105433.60000', 105_433, 60_000_000],
    ['1e-8', 0, 1],
    ['1.5E3', 1500, 0],
    ['0.0000000150e2', 0, 150],
    ['007', 7, 0],
    ['1.000000000000', 1, 0],
  ])('%s is read exactly', (text, integer, fraction) => {
    expect(parseDecimal(text)).toEqual({ integer, fraction })
  })

  it.each([
    ['NaN', 'not-a-number'],
    ['', 'not-a-number'],
    ['.5', 'not-a-number'],
    ['1.', 'not-a-number'],
    ['0x10', 'not-a-number'],
    ['Infinity', 'not-a-number'],
    ['1e99999', 'not-a-number'],
    ['-1', 'negative'],
    ['-0', 'negative'],
    ['1.123456789', 'too-many-decimals'],
    ['1e-9', 'too-many-decimals'],
    ['0.12345678901234567', 'too-many-decimals'],
    ['1000000000000000', 'too-large'],
    ['1e15', 'too-large'],
  ])('%s is refused as %s', (text, fault) => {
    expect(parseDecimal(text)).toBe(fault)
  })

  it('what is written is read back', () => {
    fc.assert(
      fc.property(decimals, ([integer, fraction]) => {
        const text = formatDecimal(Number(integer), fraction)
        expect(parseDecimal(text)).toEqual({ integer: Number(integer), fraction })
        expect(formatUnits(toUnits(Number(integer), fraction))).toBe(text)
      }),
      { numRuns: 20_000 },
    )
  })
})
