import { afterAll, beforeAll, expect, it } from 'vitest'

import { startMigratedServer, type TestServer } from '../../support/test-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startMigratedServer()
})
afterAll(() => server.remove())

/** Columns of what people query, column 0 for the relation itself, with their comments. */
const COMMENTS = `
  SELECT relname AS relation, attname AS column, col_description(pg_class.oid, attnum) AS comment
  FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition
  UNION ALL
  SELECT relname, '', obj_description(oid, 'pg_class')
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition
  ORDER BY 1, 2`

it('every table, view and column that people query has a comment, which app_readonly sees', async () => {
  await server.as('app_readonly', async (client) => {
    const { rows } = await client.query<{ relation: string; column: string; comment: string | null }>(
      COMMENTS,
    )
    expect(rows.filter(({ comment }) => comment === null)).toEqual([])
    expect(new Set(rows.map(({ relation }) => relation))).toEqual(
      new Set([
        'bar_revisions',
        'corporate_actions',
        'indicator_values',
        'intraday_indicators',
        'intraday_patterns',
        'ohlcv_1min',
        'symbols',
      ]),
    )
    expect(rows.length).toBeGreaterThan(60)
  })
})

it('a new partition has those of its table', async () => {
  await server.as('owner', async (client) => {
    await client.query(`SELECT ensure_partition('ohlcv_1min', '2013-01-01')`)
    const { rows } = await client.query<{ comment: string | null }>(
      `SELECT col_description('partitions.ohlcv_1min_p20130101'::regclass, attnum) AS comment
       FROM pg_attribute WHERE attrelid = 'partitions.ohlcv_1min_p20130101'::regclass AND attnum > 0`,
    )
    expect(rows.length).toBeGreaterThan(10)
    expect(rows.filter(({ comment }) => comment === null)).toEqual([])
  })
})
