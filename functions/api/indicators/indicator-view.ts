import { z } from '@hono/zod-openapi'

import { timeSchema } from '../bars/bar-view.ts'
import { timeText } from '../http/time-text.ts'
import { nullableDecimalSchema, type NumberFormat } from '../http/numbers.ts'
import { listOf } from '../http/parameters.ts'
import { type ColumnOf, type Table, tableOf } from '../http/table.ts'
import type { IndicatorRow } from './select-indicators.ts'

const NAME = /^[A-Za-z0-9_.-]{1,64}$/
const MAX_NAMES = 100
const NAMES_ALLOWED = `1 to ${MAX_NAMES} names with commas between them, each of letters, digits or _ . -`

const stamps = {
  rev: z.int().openapi({ description: "Of these values; of a timeframe's, that of the bar" }),
  calculated_at: z.iso
    .datetime()
    .nullable()
    .openapi({ description: 'Null where the values were computed for this answer' }),
}

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
      'long: an entry per minute and indicator; wide: an entry per minute with all its values, in files with a column for each of `names`, or for each that is computed now',
  }),
}

export type Form = 'long' | 'wide'

type Shape = {
  /** The entries of a row as JSON has them. */
  readonly views: (row: IndicatorRow, number: NumberFormat) => unknown[]
  /** @param names the columns of the wide form, whatever the rows have: so that pages have the same */
  readonly table: (rows: readonly IndicatorRow[], names: readonly string[]) => Table
}

const KEY: readonly ColumnOf<IndicatorRow>[] = [
  ['symbol', 'text', ({ symbol }) => symbol],
  ['t', 'second', ({ time }) => time * 1000],
]
const STAMPS: readonly ColumnOf<IndicatorRow>[] = [
  ['rev', 'integer', ({ revision }) => revision],
  ['calculated_at', 'millisecond', ({ calculated }) => calculated?.getTime() ?? null],
]

/** A row of the long form. */
type Entry = { readonly row: IndicatorRow; readonly name: string; readonly value: string | null }

/** Columns of a minute, for its entries. */
function ofMinute(columns: readonly ColumnOf<IndicatorRow>[]): ColumnOf<Entry>[] {
  return columns.map(([name, type, cellOf]) => [name, type, ({ row }) => cellOf(row)])
}

const long: Shape = {
  views: (row, number) =>
    row.entries.map(([name, value]) => ({
      t: timeText(row.time),
      name,
      value: value === null ? null : number(value),
      ...stampsOf(row),
    })),
  table: (rows) => {
    const entries = rows.flatMap((row) => row.entries.map(([name, value]): Entry => ({ row, name, value })))
    return tableOf(entries, [
      ...ofMinute(KEY),
      ['name', 'text', ({ name }) => name],
      ['value', 'decimal', ({ value }) => value],
      ...ofMinute(STAMPS),
    ])
  },
}

const wide: Shape = {
  views: (row, number) => {
    const values = row.entries.map(([name, value]) => [name, value === null ? null : number(value)] as const)
    return [{ t: timeText(row.time), values: Object.fromEntries(values), ...stampsOf(row) }]
  },
  table: (rows, names) => {
    const valueOf = (name: string) => (row: IndicatorRow) =>
      row.entries.find(([each]) => each === name)?.[1] ?? null
    const values = names.map((name): ColumnOf<IndicatorRow> => [name, 'decimal', valueOf(name)])
    return tableOf(rows, [...KEY, ...values, ...STAMPS])
  },
}

/** The forms that indicators can be given in. */
export const FORMS: Readonly<Record<Form, Shape>> = { long, wide }

function stampsOf({ revision, calculated }: IndicatorRow) {
  return { rev: revision, calculated_at: calculated?.toISOString() ?? null }
}
