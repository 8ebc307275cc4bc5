import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { toRevisedBar } from '../../../functions/analytics/revised-bar.ts'
import { toUnits } from '../../../functions/shared/analysis/series-bar.ts'
import { decimalSchema } from '../../../functions/shared/streams/records.ts'
import { valuesOf } from '../../support/values.ts'
import { bar } from '../bar-writer/bars.ts'

describe('a decimal in units of 10⁻⁸', () => {
  it.each([
    ['150.25', 15_025_000_000],
    ['0.00000001', 1],
    ['-0.5', -50_000_000],
    ['-37.63', -3_763_000_000],
    ['-0.00000001', -1],
    ['0', 0],
    ['-12', -1_200_000_000],
    ['6289106365.668704', 628_910_636_566_870_400],
    ['0.000007012345678901', 701.234_567_890_1],
    ['-0.000000000000000001', -1e-10],
    ['0.123456789012345678', 12_345_678.901_234_567],
  ])('%s is %s', (text, units) => {
    expect(toUnits(text)).toBe(units)
  })

  it('is the nearest double, so that it has 15 digits', () => {
    const digits = (max: number) => fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: max })
    fc.assert(
      fc.property(fc.boolean(), digits(15), digits(18), (isNegative, whole, fraction) => {
        const sign = isNegative ? '-' : ''
        const trimmed = `${sign}${BigInt(`0${whole.join('')}`)}.${fraction.join('')}`
          .replace(/0+$/, '')
          .replace(/\.$/, '')
        fc.pre(decimalSchema.safeParse(trimmed).success)
        expect(toUnits(trimmed)).toBe(Number(`${trimmed}e8`))
      }),
    )
  })
})

describe('the vwap of a session', () => {
  const sessionOf = (sums: readonly { readonly notional: bigint; readonly volume: bigint }[]) => {
    const bars = sums.map(({ notional, volume }, index) => {
      const record = bar({
        timestamp: new Date(Date.UTC(2025, 10, 10, 0, index)).toISOString().replace('.000Z', 'Z'),
        volume: String(volume),
        notional: atScale(notional, 8),
        vwap: volume === 0n ? null : '0',
      })
      return toRevisedBar(record).bar
    })
    return valuesOf('vwap', bars).at(-1)?.['vwap']
  }

  it('is made of the exact sums, not of rounded vwaps', () => {
    const sums = [145n, 145n, 145n, 180n, 180n].map((notional) => ({ notional, volume: 100n }))
    expect(sessionOf(sums)).toBeCloseTo(0.000_000_015_9, 22)
  })

  it('is Σnotional / Σvolume as exactly as doubles are, below zero too', () => {
    const sums = fc.array(
      fc.record({
        notional: fc.bigInt({ min: 1n, max: 10n ** 24n }),
        volume: fc.bigInt({ min: 1n, max: 10n ** 9n }),
      }),
      { minLength: 1, maxLength: 390, size: 'max' },
    )
    fc.assert(
      fc.property(sums, fc.constantFrom(1n, -1n), (all, sign) => {
        const [notional, volume] = (['notional', 'volume'] as const).map((name) =>
          all.reduce((sum, each) => sum + each[name], 0n),
        )
        const exact = Number(sign * (notional ?? 0n)) / Number(volume) / 1e8
        const found =
          sessionOf(all.map((each) => ({ ...each, notional: sign * each.notional }))) ?? Number.NaN
        expect(Math.abs(found / exact - 1)).toBeLessThan(1e-14)
      }),
    )
  })

  it('is made of the vwap where a record has no notional', () => {
    const record = bar({ volume: '4', vwap: '-37.63', notional: null })
    expect(valuesOf('vwap', [toRevisedBar(record).bar])).toEqual([{ vwap: -37.63 }])
  })
})

function atScale(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, '')
  return `${units < 0n ? '-' : ''}${text}`
}
