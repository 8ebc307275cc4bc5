import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { explainRequest, type Plan } from './plans.ts'
import { ENDPOINTS } from '../../../functions/api/endpoints.ts'
import { LOOK_BACK_DAYS } from '../../../functions/api/screen/screened-symbols.ts'
import { READ_SESSION } from '../../../functions/api/read-session.ts'
import { type Database, openDatabase } from '../../../functions/shared/postgres/database.ts'
import { type ApiHarness, NOW, startApi } from './harness.ts'

/** Days of which each table has a partition; all but a few are empty. */
const DAYS = 400
const FULL_DAYS = ['2025-11-09', '2025-11-10']
/** A partition of today and yesterday, of two tables where there are revisions; the look-back of indicators is a week. */
const HANDFUL = 8
/** Of bars, indicators and patterns each a day more than it looks back. */
const SCREENED = 3 * (LOOK_BACK_DAYS + 1)
/** A week of days, and one on each side of it for the bars beside. */
const QUALITY_DAYS = 24

/** Each path with what it needs and nothing more. */
const DEFAULTS = ENDPOINTS.map(({ path, parameters }) => {
  const filled = path.replace('{symbol}', 'S1')
  if (path === '/v1/screen') return `${filled}?symbols=S1,S2,S3&where=close>0`
  const needsSymbols = !parameters.safeParse({ symbol: 'S1' }).success
  return needsSymbols ? `${filled}?symbols=S1,S2,S3` : filled
})

/** The same with all of time, where an endpoint takes a start. */
const OF_ALL_TIME = ENDPOINTS.flatMap(({ path, parameters }, index) => {
  // It takes 500 days at the most.
  if (!('start' in parameters.shape) || path === '/v1/quality') return []
  const target = DEFAULTS[index] ?? ''
  const more =
    path === '/v1/patterns'
      ? ['', '&types=none']
      : ['asof' in parameters.shape ? '&asof=2025-11-10T17:29:00Z' : '', '']
  return [...new Set(more)].map(
    (each) => `${target}${target.includes('?') ? '&' : '?'}start=1900-01-01${each}`,
  )
})

let api: ApiHarness
let database: Database

beforeAll(async () => {
  api = await startApi()
  await api.server.as('owner', async (client) => {
    await client.query(
      `DO $$ DECLARE parent regclass; BEGIN
         FOR parent IN SELECT partitioned_tables() LOOP
           PERFORM ensure_partition(parent, day::date)
           FROM generate_series(timestamp '2025-11-11' - interval '${DAYS} days', timestamp '2025-11-11', '1 day') AS day
           WHERE to_regclass('public.' || partition_name(parent, day::date)) IS NULL;
         END LOOP;
       END $$`,
    )
  })
  await api.server.as('app_readwrite', async (client) => {
    for (const day of [...FULL_DAYS, '2025-03-01', '2024-12-01'])
      await client.query(
        `INSERT INTO ohlcv_1min (symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, closed_at)
         SELECT 'S' || n, minute, 100, 101, 99, 100, 10, 100, 5, 1, minute + interval '1 minute'
         FROM generate_series(1, 70) AS n,
           generate_series($1::timestamptz + interval '14 hours', $1::timestamptz + interval '17 hours 29 minutes', '1 minute') AS minute`,
        [`${day}T00:00:00Z`],
      )
    await client.query(
      `INSERT INTO indicator_values (symbol, timestamp, timeframe, revision, indicators, calculation_timestamp)
       SELECT symbol, timestamp, '1Min', 1, '{"sma_20": 100}', now() FROM ohlcv_1min`,
    )
    await client.query(
      `INSERT INTO intraday_patterns (symbol, pattern_type, confidence, detection_timestamp, timestamp, timeframe, revision)
       SELECT symbol, 'doji', 0.5, now(), timestamp, '1Min', 1 FROM ohlcv_1min`,
    )
    await client.query(
      `UPDATE ohlcv_1min SET revision = 2 WHERE symbol IN ('S1', 'S2') OR timestamp >= '2025-11-10T17:00:00Z'`,
    )
  })
  await api.server.as('owner', (client) => client.query('ANALYZE'))
  database = openDatabase(async () => api.server.credentials('app_readonly'), {
    ssl: false,
    applicationName: 'test',
    ...READ_SESSION,
  })
}, 300_000)
afterAll(async () => {
  await database.end()
  await api.close()
})

const tablesOf = (nodes: readonly Plan[]) =>
  nodes.flatMap((node) => node['Relation Name'] ?? []).filter((name) => /_(p\d{8}|default)$/.test(name))
const removedFrom = (nodes: readonly Plan[]) =>
  nodes.reduce((sum, node) => sum + (node['Subplans Removed'] ?? 0), 0)
const isFull = (table: string) => FULL_DAYS.some((day) => table.endsWith(`_p${day.replaceAll('-', '')}`))

describe(`with ${DAYS} days of partitions`, () => {
  it.each(DEFAULTS)('no statement of %s looks at more than a handful of them', async (target) => {
    const { statements } = await explainRequest(database, target, () => NOW)
    expect(statements).not.toHaveLength(0)
    const wide = target.startsWith('/v1/quality') ? QUALITY_DAYS : SCREENED
    const most = /^\/v1\/(?:quality|screen)/.test(target) ? wide : HANDFUL
    for (const { text, nodes } of statements) {
      const looked = new Set(tablesOf(nodes)).size + removedFrom(nodes)
      expect({ text, looked, few: looked <= most }).toMatchObject({ few: true })
    }
  })

  it.each(DEFAULTS)('no statement of %s goes through a whole partition with bars', async (target) => {
    const { statements } = await explainRequest(database, target, () => NOW)
    const whole = statements
      .flatMap(({ nodes }) => nodes)
      .filter((node) => node['Node Type'] === 'Seq Scan' && isFull(node['Relation Name'] ?? ''))
    expect(whole).toEqual([])
  })

  it.each(OF_ALL_TIME)('%s is answered', async (target) => {
    const { status, statements } = await explainRequest(database, target, () => NOW)
    expect(status).toBe(200)
    const most = Math.max(...statements.map(({ nodes }) => new Set(tablesOf(nodes)).size))
    expect(most).toBeLessThan(75)
    expect(api.errors).toEqual([])
  })
})
