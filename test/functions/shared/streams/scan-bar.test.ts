import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Bar } from '../../../../functions/domain/bar.ts'
import { barText } from '../../../../functions/minute-state/bar-stream.ts'
import { barRecordSchema } from '../../../../functions/shared/streams/records.ts'
import { scanBar } from '../../../../functions/shared/streams/scan-bar.ts'

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.nat(18))
  .map(([units, scale]) => decimalText(units, scale))
const bars = fc.record<Bar>({
  symbol: fc.constantFrom('BRK.B', 'XBT/USD', '^GSPC', 'ES=F'),
  start: fc.nat(40_000_000).map((minute) => minute * 60),
  open: decimal,
  high: decimal,
  low: decimal,
  close: decimal,
  volume: decimal.map((text) => text.replace('-', '')),
  notional: decimal,
  vwap: fc.option(decimal),
  tradeCount: fc.nat(),
  revision: fc.integer({ min: 1, max: 1_000_000 }),
  complete: fc.constantFrom(true, false, null),
  withdrawn: fc.boolean(),
  closedAt: fc.nat({ max: 2 ** 41 }).map((eighths) => eighths / 8),
})

describe('a bar', () => {
  it('is scanned as the aggregator writes it, to the record that the careful reader makes', () => {
    fc.assert(
      fc.property(bars, (bar) => {
        const text = barText(bar)
        const scanned = scanBar(text)
        expect(scanned).toBeDefined()
        expect(scanned).toEqual(barRecordSchema.parse(JSON.parse(text)))
      }),
    )
  })

  const [text = ''] = fc.sample(bars, { numRuns: 1, seed: 1 }).map((bar) => barText({ ...bar, vwap: '1.5' }))

  it.each([
    ['a zero below zero', text.replace(/"low":"[^"]+"/, '"low":"-0"')],
    ['a negative volume', text.replace('"volume":"', '"volume":"-1')],
    ['zeros at the end', text.replace(/"open":"[^"]+"/, '"open":"1.50"')],
    ['an exponent', text.replace(/"open":"[^"]+"/, '"open":"1e5"')],
    ['a price as a number', text.replace(/"open":"[^"]+"/, '"open":1.5')],
    ['a day that no month has', text.replace(/"timestamp":"\d{4}-\d\d-\d\d/, '"timestamp":"2025-02-30')],
    ['revision 0', text.replace(/"revision":\d+/, '"revision":0')],
    ['a source', text.replace(/\}$/, ',"source":"binance"}')],
    ['a symbol with an escape', text.replace(/"symbol":"[^"]+"/, String.raw`"symbol":"\u0041"`)],
    ['more behind it', `${text} `],
  ])('with %s is left to the careful reader', (_, other) => {
    expect(other).not.toBe(text)
    expect(scanBar(text)).toBeDefined()
    expect(scanBar(other)).toBeUndefined()
  })
})

function decimalText(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const point = digits.length - scale
  const fraction = digits.slice(point).replace(/0+$/, '')
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${fraction === '' ? '' : `.${fraction}`}`
}
