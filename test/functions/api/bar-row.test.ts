import fc from 'fast-check'
import { expect, it } from 'vitest'

import { barRowSchema, readBarRow } from '../../../functions/api/bars/bar-row.ts'

const decimal = fc.integer().map((units) => `${units}.25`)
const count = fc.oneof(fc.integer(), fc.integer().map(String))
const row = fc.record({
  symbol: fc.string(),
  time: count,
  open: decimal,
  high: decimal,
  low: decimal,
  close: decimal,
  volume: decimal,
  vwap: fc.option(decimal),
  trade_count: count,
  revision: count,
  notional: fc.option(decimal),
  complete: fc.option(fc.boolean()),
  source: fc.option(fc.string()),
})

it('reads a row as its schema does', () => {
  fc.assert(
    fc.property(row, (stored) => {
      expect(readBarRow(stored)).toEqual(barRowSchema.parse(stored))
    }),
  )
})

it('refuses a row that lacks a column, or has another type in it', () => {
  const anything = fc.anything().filter((value) => value !== undefined)
  fc.assert(
    fc.property(row, fc.constantFrom(...Object.keys(barRowSchema.shape)), anything, (stored, name, value) => {
      const others = Object.fromEntries(Object.entries(stored).filter(([key]) => key !== name))
      expect(() => readBarRow(others)).toThrow(name)
      const changed = { ...others, [name]: value }
      const { success, data } = barRowSchema.safeParse(changed)
      if (success) expect(readBarRow(changed)).toEqual(data)
      else expect(() => readBarRow(changed)).toThrow(name)
    }),
  )
})
