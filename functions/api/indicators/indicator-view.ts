import { z } from '@hono/zod-openapi'

import { timeSchema, timeText } from '../bars/bar-view.ts'
import type { Table } from '../http/csv.ts'
import { nullableDecimalSchema, type NumberFormat } from '../http/numbers.ts'
import { listOf } from '../http/parameters.ts'
import type { IndicatorRow } from './select-indicators.ts'

const NAME = /^[A-Za-z0-9_.-]{1,64}$/
const MAX_NAMES = 100
const NAMES_ALLOWED = `1 to ${MAX_NAMES} names with commas between them, each of letters, digits or _ . -`

const stamps = { rev: z.int(), calculated_at: z.iso.datetime() }

const wideSchema = z
  .object({ t: timeSchema, values: z.record(z.string(), nullableDecimalSchema), ...stamps })
  .openapi('Indicators')
const longSchema = z
  .object({ t: timeSchema, name: z.string(), value: nullableDecimalSchema, ...stamps })
  .openapi('Indicator')

/** Indicators in either form. */
export const indicatorsSchema = z.array(z.union([wideSchema, longSchema]))

/** Which indicators, in which form. */
export const indicatorParameters = {
  names: listOf((name) => NAME.test(name), MAX_NAMES, NAMES_ALLOWED)
    .optional()
    .openapi({ type: 'string', example: 'sma_20,rsi_14', description: 'Which indicators; all by default' }),
  form: z.enum(['long', 'wide'], 'long or wide').default('long').openapi({
    description:
      'long: an entry per minute and indicator; wide: an entry per minute with all its values, as CSV with a column for each of `names`, or for each that is computed now',
  }),
}

export type Form = 'long' | 'wide'

type Shape = {
  /** The entries of a row as JSON has them. */
  readonly views: (row: IndicatorRow, number: NumberFormat) => unknown[]
  /** @param names the columns of the wide form, whatever the rows have: so that pages have the same */
  readonly table: (rows: readonly IndicatorRow[], names: readonly string[]) => Table
}

const STAMPS = ['rev', 'calculated_at']

const long: Shape = {
  views: (row, number) =>
    row.entries.map(([name, value]) => ({
      t: timeText(row.time),
      name,
      value: value === null ? null : number(value),
      ...stampsOf(row),
    })),
  table: (rows) => ({
    columns: ['symbol', 't', 'name', 'value', ...STAMPS],
    rows: rows.flatMap((row) =>
      row.entries.map(([name, value]) => [
        row.symbol,
        timeText(row.time),
        name,
        value,
        ...Object.values(stampsOf(row)),
      ]),
    ),
  }),
}

const wide: Shape = {
  views: (row, number) => {
    const values = row.entries.map(([name, value]) => [name, value === null ? null : number(value)] as const)
    return [{ t: timeText(row.time), values: Object.fromEntries(values), ...stampsOf(row) }]
  },
  table: (rows, names) => ({
    columns: ['symbol', 't', ...names, ...STAMPS],
    rows: rows.map((row) => {
      const values = new Map(row.entries)
      const cells = names.map((name) => values.get(name) ?? null)
      return [row.symbol, timeText(row.time), ...cells, ...Object.values(stampsOf(row))]
    }),
  }),
}

/** The forms that indicators can be given in. */
export const FORMS: Readonly<Record<Form, Shape>> = { long, wide }

function stampsOf({ revision, calculated }: IndicatorRow) {
  return { rev: revision, calculated_at: calculated.toISOString() }
}
