import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  compare,
  decimalsOf,
  greatest,
  grouped,
  least,
  minus,
  padded,
  percent,
  plus,
  quotient,
  rounded,
  signed,
} from '../../web/src/values/decimal-text.ts'

const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.stringMatching(/^(\d{0,17}[1-9])?$/))
  .map(([isNegative, whole, part]) => {
    const text = part === '' ? String(whole) : `${whole}.${part}`
    return isNegative && text !== '0' ? `-${text}` : text
  })

describe('decimals as text', () => {
  it('adds and subtracts without losing a digit', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(minus(plus(a, b), b)).toBe(a)
      }),
    )
    expect(plus('0.1', '0.2')).toBe('0.3')
    expect(plus('9007199254740993', '0.000000000000000001')).toBe('9007199254740993.000000000000000001')
  })

  it('orders what doubles cannot tell apart', () => {
    expect(compare('0.100000000000000001', '0.1')).toBe(1)
    expect(greatest('0.100000000000000001', '0.1')).toBe('0.100000000000000001')
    expect(least('-2', '-10')).toBe('-10')
    fc.assert(
      fc.property(decimal, (a) => {
        expect(compare(a, a)).toBe(0)
      }),
    )
  })

  it('divides and rounds half up', () => {
    expect(quotient('1', '3', 8)).toBe('0.33333333')
    expect(quotient('-0.125', '1', 2)).toBe('-0.12')
    expect(quotient('1', '0', 8)).toBeNull()
    expect(percent('0.5', '150', 2)).toBe('0.33')
    expect(percent('-0.001', '150', 2)).toBe('0.00')
    expect(percent('1', '-5', 2)).toBeNull()
    expect(rounded('2.675', 2)).toBe('2.68')
    expect(rounded('1e-7', 2)).toBe('0')
  })

  it('pads, but cuts no digit', () => {
    expect(padded('150.3', 2)).toBe('150.30')
    expect(padded('150', 2)).toBe('150.00')
    expect(padded('150.12345', 2)).toBe('150.12345')
    expect(padded('150', 0)).toBe('150')
    expect(decimalsOf('150.25')).toBe(2)
  })

  it('groups thousands and shows signs', () => {
    expect(grouped('-1234567.8901')).toBe('-1,234,567.8901')
    expect(grouped('123')).toBe('123')
    expect([signed('1'), signed('-1'), signed('0.00')]).toEqual(['+1', '-1', '0.00'])
  })
})
