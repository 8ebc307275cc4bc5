import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it } from 'vitest'

import { fileBytes } from '../../../feed/files/file-bytes.ts'
import { readParquet } from '../../../feed/files/parquet-table.ts'
import type { BadRow, Row } from '../../../feed/files/table.ts'

const COLUMNS = `'S' || (i % 7) AS symbol, make_timestamp_ns(1700000000000000000 + i * 977) AS nanos,
  make_timestamp(1700000000000000 + i * 977) AS micros, make_timestamp_ms(1700000000000 + i) AS millis,
  (i % 300) / 100 AS price, i::BIGINT AS id, (i % 5)::INTEGER AS size, i % 2 = 0 AS side, date '2025-01-02' + (i % 9)::INTEGER AS day,
  (i % 100)::DECIMAL(18, 4) AS amount, (i % 100 - 50)::DECIMAL(38, 10) AS wide, i::UBIGINT AS whole`
const ALSO = {
  'no more': '',
  'a column with gaps': ', CASE WHEN i % 9 = 0 THEN NULL ELSE i END AS gap',
  'a list': ", ['a', 'b'] AS conditions",
}

it.each(Object.entries(ALSO))('reads the first rows as it reads the others: %s', async (_what, also) => {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  try {
    for (const codec of ['snappy', 'zstd', 'gzip']) {
      const path = join(folder, `${codec}.parquet`)
      await connection.run(
        `COPY (SELECT ${COLUMNS}${also} FROM range(3000) AS t(i)) TO '${path}' (FORMAT parquet, CODEC ${codec})`,
      )
      const table = await readParquet('trades.parquet', await fileBytes(path))
      const rows: (Row | BadRow)[] = []
      for await (const batch of table.batches) rows.push(...batch)
      const again: Row[] = []
      for await (const group of table.columnGroups?.([]) ?? [])
        again.push(...(await group.rows(0, group.length)))
      expect(rows).toHaveLength(3000)
      expect(rows).toEqual(again)
    }
  } finally {
    connection.closeSync()
    rmSync(folder, { recursive: true })
  }
})
