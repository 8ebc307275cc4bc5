import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { changeBetween } from '../../../../functions/api/market/change.ts'

const price = fc
  .tuple(fc.bigInt({ min: 1n - 10n ** 15n, max: 10n ** 15n - 1n }), fc.integer({ min: 0, max: 18 }))
  .map(([units, scale]) => textOf(units, scale))

function textOf(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${units < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`
}

/** A text with up to 18 decimals in units of the last of them. */
function unitsOf(text: string): bigint {
  const [whole = '', part = ''] = text.replace('-', '').split('.')
  return BigInt(whole + part.padEnd(18, '0')) * (text.startsWith('-') ? -1n : 1n)
}

describe('the change between two prices', () => {
  it('is exact, whatever they are', () => {
    fc.assert(
      fc.property(price, price, (before, after) => {
        const { change } = changeBetween(before, after)
        expect(unitsOf(before) + unitsOf(change)).toBe(unitsOf(after))
      }),
    )
  })

  it.each([
    ['304', '303', '-1', '-0.3289'],
    ['0.1', '0.3', '0.2', '200'],
    ['100', '100', '0', '0'],
    ['3', '4', '1', '33.3333'],
  ])('from %s to %s is %s, %s percent', (before, after, change, percent) => {
    expect(changeBetween(before, after)).toEqual({ change, percent })
  })

  it.each(['0', '-2'])('from %s has no percentage', (before) => {
    expect(changeBetween(before, '1').percent).toBeUndefined()
  })
})
