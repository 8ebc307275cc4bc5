import { readFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { type FileMetaData, parquetMetadata, parquetRead } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer'
import { expect, it } from 'vitest'

import { decoded } from '../../../../functions/shared/parquet/coded.ts'
import { findWholeColumn, readWholeColumn } from '../../../../functions/shared/parquet/whole-column.ts'

/** The values of each column and row group, as hyparquet reads them. */
async function asHyparquet(file: ArrayBuffer, metadata: FileMetaData): Promise<Map<string, unknown[]>> {
  const columns = new Map<string, unknown[]>()
  let rowStart = 0
  for (const [number, group] of metadata.row_groups.entries()) {
    const rowEnd = rowStart + Number(group.num_rows)
    await parquetRead({
      file: { byteLength: file.byteLength, slice: (start, end) => file.slice(start, end) },
      metadata,
      compressors,
      utf8: false,
      rowStart,
      rowEnd,
      onChunk: ({ columnName, columnData }) => {
        const name = `${number} ${columnName}`
        columns.set(name, [...(columns.get(name) ?? []), ...columnData])
      },
    })
    rowStart = rowEnd
  }
  return columns
}

/** Those that are read by `readWholeColumn`. */
function asWhole(file: ArrayBuffer, metadata: FileMetaData): Map<string, unknown[]> {
  const columns = new Map<string, unknown[]>()
  for (const [number, group] of metadata.row_groups.entries())
    for (const { name } of metadata.schema.slice(1)) {
      const column = findWholeColumn(metadata, group, name)
      if (column === undefined) continue
      const bytes = file.slice(column.start, column.end)
      const values = readWholeColumn(bytes, column, { compressors })
      if (values === undefined) continue
      columns.set(`${number} ${name}`, [...decoded(values)])
      const first = readWholeColumn(bytes, column, { compressors, limit: 9 })
      expect([...decoded(first ?? [])]).toEqual([...decoded(values)].slice(0, 9))
    }
  return columns
}

const valuesOf = {
  BOOLEAN: fc.boolean(),
  INT32: fc.oneof(fc.integer(), fc.integer({ min: 0, max: 3 })),
  INT64: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 3n })),
  DOUBLE: fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0.5, 1.5)),
  STRING: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('AAPL', 'MSFT')),
} as const

const column = fc
  .record({
    kind: fc.constantFrom(...(['BOOLEAN', 'INT32', 'INT64', 'DOUBLE', 'STRING'] as const)),
    nullable: fc.boolean(),
    hasNulls: fc.boolean(),
  })
  .chain(({ kind, nullable, hasNulls }) =>
    fc
      .array<unknown>(nullable && hasNulls ? fc.option<unknown>(valuesOf[kind]) : valuesOf[kind], {
        minLength: 200,
        maxLength: 200,
      })
      .map((data): Omit<ColumnSource, 'name'> => ({ type: kind, nullable, data })),
  )

it('reads the columns that have a value in each row as hyparquet does, and leaves the others to it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(column, { minLength: 1, maxLength: 4 }),
      fc.record({
        rowGroupSize: fc.constantFrom(50, 200),
        pageSize: fc.constantFrom(100, 1_000_000),
        codec: fc.constantFrom('SNAPPY' as const, 'UNCOMPRESSED' as const),
      }),
      async (columns, options) => {
        const file = parquetWriteBuffer({
          columnData: columns.map((one, place) => ({ ...one, name: `c${place}` })),
          ...options,
        })
        const metadata = parquetMetadata(file)
        const [all, whole] = [await asHyparquet(file, metadata), asWhole(file, metadata)]
        for (const [name, values] of whole) expect(values).toEqual(all.get(name))
        for (const [name, values] of all)
          if (!values.includes(null) && !values.includes(undefined)) expect(whole.has(name)).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
})

it('reads files of another writer, of both versions of pages', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  try {
    for (const version of ['V1', 'V2'])
      for (const codec of ['snappy', 'zstd', 'uncompressed']) {
        const path = join(folder, `${version}-${codec}.parquet`)
        await connection.run(`COPY (
          SELECT 'S' || (i % 7) AS symbol, make_timestamp_ns(1700000000000000000 + i * 977) AS time, (i % 300) / 100 AS price,
            i::BIGINT AS id, (i % 5)::INTEGER AS size, i % 2 = 0 AS side, (i % 100)::DECIMAL(38, 10) AS amount,
            CASE WHEN i % 9 = 0 THEN NULL ELSE i END AS gap
          FROM range(30000) AS t(i)) TO '${path}' (FORMAT parquet, PARQUET_VERSION ${version}, CODEC ${codec}, ROW_GROUP_SIZE 8192)`)
        const file = Uint8Array.from(readFileSync(path)).buffer
        const metadata = parquetMetadata(file)
        const [all, whole] = [await asHyparquet(file, metadata), asWhole(file, metadata)]
        expect(new Set([...whole.keys()].map((name) => name.split(' ')[1]))).toEqual(
          new Set(['symbol', 'time', 'price', 'id', 'size', 'side', 'amount']),
        )
        for (const [name, values] of whole) expect(values).toEqual(all.get(name))
      }
  } finally {
    connection.closeSync()
    rmSync(folder, { recursive: true })
  }
})
