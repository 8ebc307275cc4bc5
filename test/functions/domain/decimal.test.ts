import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  bigPower,
  divideHalfUp,
  formatDecimal,
  parseDecimal,
  unitsAt,
} from '../../../functions/domain/decimal.ts'

const decimals = fc.tuple(
  fc.boolean(),
  fc.oneof(
    fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }),
    // On either side of what a double keeps apart.
    fc.bigInt({ min: 0n, max: 2n * 10n ** 7n }),
    fc.bigInt({ min: 10n ** 7n - 3n, max: 10n ** 7n + 3n }),
  ),
  fc.integer({ min: 0, max: 18 }),
  fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }),
)

/** The shortest text of a decimal, made of its digits. */
function textOf(isNegative: boolean, whole: bigint, decimalPlaces: number, part: bigint): string {
  const digits = String(part).padStart(18, '0').slice(0, decimalPlaces).replace(/0+$/, '')
  const text = digits === '' ? String(whole) : `${whole}.${digits}`
  return isNegative && text !== '0' ? `-${text}` : text
}

describe('decimals', () => {
  it.each([
    ['150.25', 15_025, 2],
    ['0.00000001', 1, 8],
    ['184467440737.09551615', 18_446_744_073_709_551_615n, 8],
    ['105433.60000', 1_054_336, 1],
    ['1e-8', 1, 8],
    ['1.5E3', 1500, 0],
    ['0.0000000150e2', 15, 7],
    ['007', 7, 0],
    ['1.000000000000', 1, 0],
    ['-37.63', -3763, 2],
    ['-0', 0, 0],
    ['0.000007012', 7012, 9],
    ['0.000000000000000001', 1, 18],
    ['1e-18', 1, 18],
    ['999999999999999.999999999999999999', 999_999_999_999_999_999_999_999_999_999_999n, 18],
  ])('%s is read exactly', (text, units, scale) => {
    expect(parseDecimal(text)).toEqual({ units, scale })
  })

  it.each([
    ['1257.6200000000001', '1257.6200000000001'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['0.1000000000000000055511151231257827021181583404541015625', '0.1'],
    ['1.100000000000000088817841970012523233890533447265625', '1.1'],
    ['0.0030000000000000001', '0.003'],
    ['3.0000000000000001e-3', '0.003'],
  ])('%s, noise of binary floating point, is read as %s', (text, shortest) => {
    const read = parseDecimal(text)
    expect(typeof read === 'string' ? read : formatDecimal(read.units, read.scale)).toBe(shortest)
  })

  it.each([
    ['NaN', 'not-a-number'],
    ['', 'not-a-number'],
    ['.5', 'not-a-number'],
    ['1.', 'not-a-number'],
    ['0x10', 'not-a-number'],
    ['Infinity', 'not-a-number'],
    ['1e99999', 'not-a-number'],
    ['+1', 'not-a-number'],
    ['--1', 'not-a-number'],
    ['1e-19', 'too-many-decimals'],
    ['0.1234567890123456789', 'too-many-decimals'],
    // More digits than any double has: nothing says which of them are noise.
    ['0.12345678901234567890123', 'too-many-decimals'],
    ['1000000000000000', 'too-large'],
    ['-1000000000000000', 'too-large'],
    ['1e15', 'too-large'],
    ['1e300', 'too-large'],
  ])('%s is refused as %s', (text, fault) => {
    expect(parseDecimal(text)).toBe(fault)
  })

  it('what is written is read back', () => {
    fc.assert(
      fc.property(decimals, (parts) => {
        const text = textOf(...parts)
        const read = parseDecimal(text)
        if (typeof read === 'string') throw new Error(`${text} is ${read}`)
        expect(formatDecimal(read.units, read.scale)).toBe(text)
        expect(formatDecimal(unitsAt(read, 18), 18)).toBe(text)
      }),
      { numRuns: 20_000 },
    )
  })

  it('a double printed in full is read as that double', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 1e14, noNaN: true }), (double) => {
        // oxlint-disable-next-line oxc/number-arg-out-of-range -- JavaScript prints up to 100 since ES2018
        const read = parseDecimal(double.toFixed(60))
        if (typeof read === 'string') throw new Error(`${double} is ${read}`)
        expect(Number(formatDecimal(read.units, read.scale))).toBe(double)
      }),
    )
  })

  it('a quotient is rounded to the nearest, halves up, below zero too', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -1000n, max: 1000n }), fc.bigInt({ min: 1n, max: 60n }), (a, b) => {
        const quotient = divideHalfUp(a, b)
        // -1/2 < a/b - quotient < 1/2, or equal on the left.
        const twice = 2n * (a - quotient * b)
        expect(twice >= -b && twice < b).toBe(true)
      }),
    )
    expect(bigPower(45)).toBe(10n ** 45n)
  })
})
