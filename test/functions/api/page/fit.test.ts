import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { barSize, barView } from '../../../../functions/api/bars/bar-view.ts'
import { NUMBER_FORMATS } from '../../../../functions/api/http/numbers.ts'
import { escapedLength, fitPage } from '../../../../functions/api/page/fit.ts'

const row = {
  symbol: 'A'.repeat(64),
  time: 1_762_795_500,
  open: '99999999999999999999.99999999',
  high: '99999999999999999999.99999999',
  low: '0',
  close: '1',
  volume: '99999999999999999999.99999999',
  vwap: '99999999999999999999.99999999',
  trade_count: Number.MAX_SAFE_INTEGER,
  revision: 2_147_483_647,
  notional: `-${'9'.repeat(45)}.${'9'.repeat(36)}`,
  complete: false,
  source: 'a'.repeat(32),
}

it('a value is as long as it is in a string in JSON', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ a: fc.string({ unit: 'grapheme-ascii' }), b: fc.float() })), (value) => {
      expect(escapedLength(value)).toBe(JSON.stringify(JSON.stringify(value)).length - 2)
    }),
  )
})

it.each([row, { ...row, vwap: null, notional: null, complete: null, source: null }])(
  'no bar is longer than its size says',
  (each) => {
    expect(escapedLength(barView(each, NUMBER_FORMATS.string))).toBeLessThanOrEqual(barSize(each))
  },
)

it('10,000 bars of the usual kind are a page', () => {
  const usual = {
    ...row,
    open: '150.25',
    high: '150.3',
    volume: '1200.5',
    vwap: '150.24876543',
    notional: '180298.518516',
  }
  const found = Array.from({ length: 10_001 }, () => usual)
  expect(fitPage(found, { limit: 10_000, sizeOf: barSize }).rows).toHaveLength(10_000)
})

it('a page has at least one entry, at most the limit, and ends before it is too large', () => {
  const fit = (sizes: readonly number[], limit: number) => fitPage(sizes, { limit, sizeOf: (size) => size })
  expect(fit([], 5)).toEqual({ rows: [], isCut: false })
  expect(fit([1, 1, 1], 3)).toEqual({ rows: [1, 1, 1], isCut: false })
  expect(fit([1, 1, 1], 2)).toEqual({ rows: [1, 1], isCut: true })
  expect(fit([5e6, 1], 5)).toEqual({ rows: [5e6], isCut: true })
  expect(fit([3e6, 1e6, 1], 5)).toEqual({ rows: [3e6, 1e6], isCut: true })
})
