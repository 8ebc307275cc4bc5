import fc from 'fast-check'
import { expect, it } from 'vitest'

import { writeDecimal } from '../../../../functions/api/formats/decimal-128.ts'

function written(text: string): bigint | undefined {
  const words = new Uint32Array(6).fill(7)
  if (!writeDecimal(words, 1, text)) return undefined
  expect([words[0], words[5]]).toEqual([7, 7])
  const bits = words.slice(1, 5).reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n)
  return BigInt.asIntN(128, bits)
}

/** Of few digits and many: each length has its own arithmetic. */
const units = fc
  .integer({ min: 1, max: 38 })
  .chain((digits) => fc.bigInt({ min: 0n, max: 10n ** BigInt(digits) - 1n }))

it('writes a decimal in units of 10^-18', () => {
  fc.assert(
    fc.property(units, fc.nat({ max: 18 }), fc.boolean(), (value, decimals, isNegative) => {
      const digits = String(value).padStart(decimals + 1, '0')
      const point = digits.length - decimals
      const text = `${isNegative ? '-' : ''}${digits.slice(0, point)}${decimals > 0 ? `.${digits.slice(point)}` : ''}`
      const exact = (isNegative ? -value : value) * 10n ** BigInt(18 - decimals)
      const fits = exact < 10n ** 38n && exact > -(10n ** 38n)
      expect(written(text)).toBe(fits ? exact : undefined)
    }),
    { numRuns: 2000 },
  )
})

it.each([
  '268435455',
  '268435456',
  '-2684354.55',
  '-2684354.56',
  '999999999',
  '0.999999999',
  '123456789012345',
  '-0.00',
  '-0',
])('writes %s, where one arithmetic ends', (text) => {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const exact = BigInt(whole + fraction) * 10n ** BigInt(18 - fraction.length)
  expect(written(text)).toBe(text.startsWith('-') ? -exact : exact)
})
