import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decimalText } from '../../../../functions/api/computed/decimal-text.ts'

describe('the text of a double', () => {
  it('is a decimal without an exponent that gives the same double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(decimalText(value)).toMatch(/^-?\d+(\.\d+)?$/)
        expect(Number(decimalText(value))).toBe(value === 0 ? 0 : value)
      }),
    )
  })

  it.each([
    [1.5e-7, '0.00000015'],
    [-2e21, '-2000000000000000000000'],
    [1.25e22, '12500000000000000000000'],
    [-0, '0'],
  ])('of %d is %s', (value, text) => {
    expect(decimalText(value)).toBe(text)
  })
})
