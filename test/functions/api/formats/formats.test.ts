import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { toArrow } from '../../../../functions/api/formats/arrow.ts'
import { toCsv } from '../../../../functions/api/formats/csv.ts'
import { toNdjson } from '../../../../functions/api/formats/ndjson.ts'
import { toParquet } from '../../../../functions/api/formats/parquet.ts'
import type { Cell, Column, ColumnType, Table } from '../../../../functions/api/http/table.ts'
import { EARLIEST, LATEST } from '../../../../functions/api/http/times.ts'
import { plain, readArrow, readCsv, readNdjson, readParquet } from './read-back.ts'

const AS_THEY_ARE = { numbers: 'number', formulas: 'raw' } as const

/** A plain decimal of up to 38 digits, 18 of them behind the point. */
const decimal = fc
  .tuple(fc.integer({ min: 0, max: 18 }), fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.boolean())
  .map(([scale, units, isLong]) => withScale(isLong ? units * 10n ** 17n + 7n : units, scale))

function withScale(units: bigint, scale: number): string {
  if (scale === 0) return String(units / 10n ** 18n)
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  // At most 20 digits are left before the point.
  const whole = digits.slice(0, -scale).slice(-20)
  return `${units < 0n ? '-' : ''}${whole.replace(/^0+(?=\d)/, '')}.${digits.slice(-scale)}`
}

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((each) => !each.includes('\0'))
const time = (unit: number) =>
  fc.integer({ min: EARLIEST / unit, max: LATEST / unit - 1 }).map((units) => units * unit)

function momentOf(seconds: number, nanos: number): string {
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`
  return new Date(seconds * 1000).toISOString().replace('.000', fraction)
}

const CELLS: Readonly<Record<ColumnType, fc.Arbitrary<Exclude<Cell, null>>>> = {
  text,
  json: fc.dictionary(fc.constantFrom('a', 'b'), text).map((value) => JSON.stringify(value)),
  decimal,
  integer: fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
  boolean: fc.boolean(),
  day: time(86_400_000),
  second: time(1000),
  millisecond: time(1),
  // What 64 bits of nanoseconds hold ends in the year 2262.
  nanosecond: fc
    .tuple(fc.integer({ min: EARLIEST / 1000, max: 9_223_372_035 }), fc.integer({ min: 0, max: 999_999_999 }))
    .map(([seconds, nanos]) => momentOf(seconds, nanos)),
}
const TYPES: readonly ColumnType[] = [
  'text',
  'json',
  'decimal',
  'integer',
  'boolean',
  'day',
  'second',
  'millisecond',
  'nanosecond',
]

/** A column of each type, a few rows, some cells of which are empty. */
const tables: fc.Arbitrary<Table> = fc
  .integer({ min: 0, max: 20 })
  .chain((rows) =>
    fc
      .tuple(
        ...TYPES.map((type) =>
          fc
            .array(fc.option(CELLS[type], { nil: null, freq: 4 }), { minLength: rows, maxLength: rows })
            .map((cells): Column => ({ name: `a_${type}`, type, cells })),
        ),
      )
      .map((columns) => ({ rows, columns })),
  )

function cellsOf({ rows, columns }: Table) {
  return Array.from({ length: rows }, (_, row) =>
    columns.map(({ type, cells }) => plain(cells[row] ?? null, type)),
  )
}

describe('a table in any format has the same exact values', () => {
  it('as Arrow and as a JSON object a line', () => {
    fc.assert(
      fc.property(tables, (table) => {
        expect(readArrow(toArrow(table, AS_THEY_ARE), table.columns)).toEqual(cellsOf(table))
        expect(readNdjson(toNdjson(table, AS_THEY_ARE), table.columns)).toEqual(cellsOf(table))
      }),
      { numRuns: 100 },
    )
  })

  it('as Parquet and CSV, which DuckDB reads', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        expect(await readParquet(toParquet(table, AS_THEY_ARE), table.columns)).toEqual(cellsOf(table))
        expect(await readCsv(toCsv(table, AS_THEY_ARE), table.columns)).toEqual(cellsOf(table))
      }),
      { numRuns: 25 },
    )
  })
})

describe('a decimal of more digits than a column of decimals has', () => {
  const LONG = ['0.0000000000000000001', '100000000000000000000']
  const tableOf = (cell: string): Table => ({
    rows: 2,
    columns: [
      { name: 'symbol', type: 'text', cells: ['A', 'B'] },
      { name: 't', type: 'second', cells: [0, 60_000] },
      { name: 'notional', type: 'decimal', cells: ['1', cell] },
    ],
  })

  it.each([toArrow, toParquet])('is refused by %o, with where it is', (write) => {
    for (const cell of LONG)
      expect(() => write(tableOf(cell), AS_THEY_ARE)).toThrow(
        `numbers is missing; allowed: string, since notional of B at 1970-01-01T00:01:00Z is ${cell}`,
      )
  })

  it('is text where text is asked for, as all others', async () => {
    const table = tableOf('0.0000000000000000001')
    const columns = table.columns.map(({ name, type }) => ({
      name,
      type: type === 'decimal' ? 'text' : type,
    }))
    const asText = { ...AS_THEY_ARE, numbers: 'string' } as const
    const expected = [
      ['A', '0', '1'],
      ['B', '60000', '0.0000000000000000001'],
    ]
    expect(readArrow(toArrow(table, asText), columns)).toEqual(expected)
    expect(await readParquet(toParquet(table, asText), columns)).toEqual(expected)
  })
})
