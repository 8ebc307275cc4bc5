import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DuckDBInstance } from '@duckdb/node-api'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { readCsv } from '../../../feed/files/csv-table.ts'
import { isBadRow } from '../../../feed/files/table.ts'
import { collect } from '../collect.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-csv-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const fieldArbitrary = fc.string({
  unit: fc.constantFrom('a', 'é', '7', '"', ',', ' ', '\n', ';', '\t', '|'),
  maxLength: 6,
})

/** Rows of a width, each field in quotes where it must be or at random, with either line end. */
const fileArbitrary = fc
  .record({
    width: fc.integer({ min: 2, max: 5 }),
    rows: fc.array(fc.array(fc.tuple(fieldArbitrary, fc.boolean()), { minLength: 5, maxLength: 5 }), {
      minLength: 1,
      maxLength: 12,
    }),
    end: fc.constantFrom('\n', '\r\n'),
  })
  .map(({ width, rows, end }) => ({
    width,
    text: [
      Array.from({ length: width }, (_, column) => `c${column}`).join(','),
      ...rows.map((row) =>
        row
          .slice(0, width)
          .map(([field, isQuoted]) => written(field, isQuoted))
          .join(','),
      ),
      '',
    ].join(end),
  }))

function written(field: string, isQuoted: boolean): string {
  return isQuoted || /[",\n]/.test(field) || field === '' ? `"${field.replaceAll('"', '""')}"` : field
}

it('reads CSV as DuckDB does', async () => {
  const duckdb = await (await DuckDBInstance.create()).connect()
  const path = join(folder, 'judged.csv')
  await fc.assert(
    fc.asyncProperty(fileArbitrary, fc.integer({ min: 1, max: 50 }), async ({ width, text }, size) => {
      writeFileSync(path, text)
      const result = await duckdb.runAndReadAll(
        `SELECT * FROM read_csv('${path}', all_varchar = true, header = true, delim = ',', quote = '"', escape = '"',
          nullstr = 'no such text', auto_detect = false, columns = {${Array.from({ length: width }, (_, column) => `'c${column}': 'VARCHAR'`).join()}})`,
      )
      const table = await readCsv('judged.csv', chunksOf(Buffer.from(text), size))
      const rows = (await collect(table?.batches ?? none())).flat()
      expect(rows.filter(isBadRow)).toEqual([])
      expect(rows.map((row) => ('cells' in row ? row.cells : []))).toEqual(result.getRows())
    }),
    { numRuns: 150 },
  )
})

it('a quote that is not closed costs its own row only', async () => {
  const text = ['a,b', '"x,1', 'y,2', 'z,3', ''].join('\n')
  const table = await readCsv('open.csv', chunksOf(Buffer.from(text), 4))
  const rows = (await collect(table?.batches ?? none())).flat()
  expect(rows).toMatchObject([
    { type: 'bad-row', place: 2, reason: 'a quote is not closed' },
    { place: 3, cells: ['y', '2'] },
    { place: 4, cells: ['z', '3'] },
  ])
})

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function* none(): AsyncGenerator<never> {}
