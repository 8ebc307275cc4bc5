import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { writeBars } from '../../../functions/bar-writer/write-bars.ts'
import { databaseNow } from '../../../functions/shared/postgres/database-clock.ts'
import type { Database } from '../../../functions/shared/postgres/database.ts'
import { createDatabase, type TestDatabase } from '../../support/test-database.ts'
import { bar } from './bars.ts'

/** Takes the place of what our statements and defaults ask for the time: unqualified names are looked for here first. */
const WRONG_CLOCK = [
  'CREATE SCHEMA wrong',
  'CREATE TABLE wrong.clock (ahead interval NOT NULL)',
  `INSERT INTO wrong.clock VALUES ('0')`,
  'CREATE FUNCTION wrong.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT pg_catalog.now() + ahead FROM wrong.clock $$',
  'CREATE FUNCTION wrong.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT pg_catalog.clock_timestamp() + ahead FROM wrong.clock $$',
  'GRANT USAGE ON SCHEMA wrong TO app_readwrite',
  'GRANT SELECT, UPDATE ON wrong.clock TO app_readwrite',
  'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA wrong TO app_readwrite',
  'ALTER TABLE ohlcv_1min ALTER COLUMN written_at SET DEFAULT wrong.now()',
]

/** All of ours that may ask for the time, and what for. */
const ASKS_FOR_THE_TIME = {
  'procedure drop_old_partitions': 'which days are past their retention',
  'procedure ensure_partitions': 'for which days to come there are partitions',
  'procedure trim_symbols': 'on which day the bars of a symbol begin after that',
  'default corporate_actions.written_at': 'when it was imported',
  'default indicator_values.written_at': 'when a row was written',
  'default intraday_patterns.written_at': 'when a row was written',
  'default ohlcv_1min.written_at': 'when a row was written',
}

const TIME = String.raw`\m(now|(clock|statement|transaction)_timestamp|timeofday)\s*\(|current_(date|time)|localtime`
const ASKING = `
  SELECT 'procedure ' || proname AS name FROM pg_proc
  WHERE pronamespace IN ('public'::regnamespace, 'partitions'::regnamespace) AND prosrc ~* $1
  UNION ALL
  SELECT format('default %s.%s', relname, attname) FROM pg_attrdef
  JOIN pg_class ON pg_class.oid = adrelid
  JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
  WHERE relnamespace = 'public'::regnamespace AND NOT relispartition AND pg_get_expr(adbin, adrelid) ~* $1
  UNION ALL
  SELECT 'view ' || viewname FROM pg_views WHERE schemaname = 'public' AND definition ~* $1`
const namesSchema = z.array(z.object({ name: z.string() }))

let right: TestDatabase
let wrong: TestDatabase
let writers: { readonly right: Database; readonly wrong: Database }

beforeAll(async () => {
  right = await createDatabase()
  wrong = await createDatabase()
  await wrong.as('owner', async (client) => {
    for (const statement of WRONG_CLOCK) await client.query(statement)
    const { dbname } = wrong.credentials('owner')
    await client.query(`ALTER DATABASE ${dbname} SET search_path = wrong, pg_catalog, public`)
  })
  writers = { right: right.open('app_readwrite'), wrong: wrong.open('app_readwrite') }
})
afterAll(async () => {
  await Promise.all([writers.right.end(), writers.wrong.end()])
  await Promise.all([right.remove(), wrong.remove()])
})

async function setClock(seconds: number): Promise<void> {
  await writers.wrong.query(`UPDATE wrong.clock SET ahead = make_interval(secs => $1)`, [seconds])
}

/** All that a database says of bars but when it was written. */
async function said(database: Database): Promise<unknown> {
  const columns = `symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, closed_at, notional,
    complete, withdrawn, source`
  const { rows: bars } = await database.query(`SELECT ${columns} FROM ohlcv_1min ORDER BY symbol, timestamp`)
  const { rows: before } = await database.query(
    `SELECT ${columns} FROM bar_revisions ORDER BY symbol, timestamp, revision`,
  )
  const { rows: symbols } = await database.query('SELECT * FROM symbols ORDER BY symbol')
  return { bars, before, symbols }
}

const record = fc
  .record({
    symbol: fc.constantFrom('AAPL', 'MSFT'),
    minute: fc.integer({ min: 0, max: 3 }),
    revision: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ symbol, minute, revision }) =>
    bar({
      symbol,
      timestamp: `2025-11-10T17:0${minute}:00Z`,
      revision,
      close: `150.2${revision}`,
      withdrawn: revision === 5,
    }),
  )
const batch = fc.record({
  aheadSeconds: fc.integer({ min: -86_400, max: 86_400 }),
  records: fc.array(record, { minLength: 1, maxLength: 6 }),
})

describe('the clock of Postgres', () => {
  it('decides nothing of what is in a bar, in its revisions, or which revision stands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 5 }), async (batches) => {
        for (const database of Object.values(writers))
          for (const table of ['ohlcv_1min', 'bar_revisions', 'symbols'])
            await database.query(`DELETE FROM ${table}`)
        for (const { aheadSeconds, records } of batches) {
          await setClock(aheadSeconds)
          const written = await writeBars(writers.wrong, records)
          expect(written).toEqual(await writeBars(writers.right, records))
        }
        expect(await said(writers.wrong)).toEqual(await said(writers.right))
      }),
      { numRuns: 40 },
    )
  })

  it('says when a row was written, the first time and each time after', async () => {
    const writtenSecondsAhead = async (): Promise<number> => {
      const { rows } = await writers.wrong.query(
        `SELECT round(extract(epoch FROM written_at - pg_catalog.now()))::int AS name FROM ohlcv_1min WHERE symbol = 'CLOCK'`,
      )
      return z.tuple([z.object({ name: z.int() })]).parse(rows)[0].name
    }
    for (const [revision, aheadSeconds] of [-3600, 7200, -60].entries()) {
      await setClock(aheadSeconds)
      await writeBars(writers.wrong, [bar({ symbol: 'CLOCK', revision: revision + 1 })])
      expect(Math.abs((await writtenSecondsAhead()) - aheadSeconds)).toBeLessThan(60)
      expect(Math.abs((await databaseNow(writers.wrong)) - Date.now() - aheadSeconds * 1000)).toBeLessThan(
        60_000,
      )
    }
  })

  it('is asked for by nothing else in the schema', async () => {
    const found = await right.as('owner', (client) => client.query(ASKING, [TIME]))
    expect(
      namesSchema
        .parse(found.rows)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(Object.keys(ASKS_FOR_THE_TIME).toSorted())
  })
})
