import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { readPage, sectionOf } from '../docs/page.ts'
import { writeExampleData } from '../functions/api/example-data.ts'
import { type ApiHarness, startApi } from '../functions/api/harness.ts'

const FOLDER = fileURLToPath(new URL('../../clients/grafana/', import.meta.url))

const targetSchema = z.looseObject({ rawSql: z.string(), format: z.enum(['time_series', 'table']) })
const dashboardSchema = z.looseObject({
  title: z.string(),
  uid: z.string(),
  panels: z.array(
    z.looseObject({
      id: z.int(),
      title: z.string(),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(targetSchema).min(1),
    }),
  ),
  templating: z.object({ list: z.array(z.looseObject({ name: z.string(), query: z.string() })) }),
  annotations: z.object({ list: z.array(z.looseObject({ name: z.string(), target: targetSchema })) }),
})

const FROM = '2025-11-10T17:00:00Z'
const TO = '2025-11-10T17:29:59.999Z'

/** Macros and variables, as Grafana's Postgres source writes them out. */
function written(sql: string): string {
  return sql
    .replaceAll(/\$__timeFilter\(([^)]+)\)/g, `$1 BETWEEN '${FROM}' AND '${TO}'`)
    .replaceAll('$__timeFrom()', `'${FROM}'`)
    .replaceAll('$__timeTo()', `'${TO}'`)
    .replaceAll('${symbol:sqlstring}', `'AAPL'`)
    .replaceAll('${indicator:sqlstring}', `'sma_20','rsi_14'`)
}

const dashboards = globSync('dashboards/*.json', { cwd: FOLDER })
  .toSorted()
  .map((file) => dashboardSchema.parse(JSON.parse(readFileSync(FOLDER + file, 'utf8'))))

const queries = dashboards.flatMap(({ title, panels, templating, annotations }) => [
  ...panels.flatMap(({ title: panel, targets }) =>
    targets.map((target) => ({ at: `${title}: ${panel}`, ...target })),
  ),
  ...annotations.list.map(({ name, target }) => ({ at: `${title}: annotation ${name}`, ...target })),
  ...templating.list.map(({ name, query }) => ({
    at: `${title}: variable ${name}`,
    rawSql: query,
    format: 'variable',
  })),
])

let api: ApiHarness

beforeAll(async () => {
  api = await startApi()
  await writeExampleData(api)
  await api.server.as('app_readwrite', async (client) => {
    await client.query(
      `UPDATE ohlcv_1min SET complete = false WHERE symbol = 'MSFT' AND timestamp < '2025-11-10T17:26:00Z'`,
    )
    await client.query(
      `INSERT INTO intraday_patterns (symbol, pattern_type, confidence, detection_timestamp, timestamp, timeframe, revision, direction, strength)
       VALUES ('AAPL', 'hammer', 0.9, now(), '2025-11-10T17:27:00Z', '1Min', 1, 'bullish', 100)`,
    )
    await client.query(`DELETE FROM ohlcv_1min WHERE symbol = 'NVDA' AND timestamp > '2025-11-10T17:25:00Z'`)
  })
})
afterAll(() => api.close())

describe.each(queries)('$at', ({ rawSql, format }) => {
  it('finds rows as app_readonly, and its times are called time', async () => {
    const sql = written(rawSql)
    expect(sql).not.toMatch(/\$[_{a-z]/)
    await api.server.as('app_readonly', async (client) => {
      const { rows, fields } = await client.query<Record<string, unknown>>(sql)
      expect(rows.length).toBeGreaterThan(0)
      if (format !== 'time_series') return
      expect(fields.map(({ name }) => name)[0]).toBe('time')
      const times = rows.map(({ time }) => z.date().parse(time).getTime())
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      const others = fields.slice(1).map(({ name }) => name)
      for (const row of rows)
        for (const name of others) if (name !== 'metric') expect(Number(row[name])).not.toBeNaN()
    })
  })

  it('reads no partition outside the range', () => {
    const tables = [...rawSql.matchAll(/FROM (\w+) WHERE/g)].map(([, table]) => table)
    if (!rawSql.includes('FROM symbols')) expect(tables.length).toBeGreaterThan(0)
    for (const [clause = ''] of rawSql.matchAll(/FROM \w+ WHERE .*?(?=GROUP|ORDER|$)/g))
      expect(clause).toContain('$__timeFilter(timestamp)')
  })
})

it('docs/grafana.md has each variable of the provisioned source', () => {
  const source = readFileSync(`${FOLDER}provisioning/datasources/tickstock.yaml`, 'utf8')
  const variables = [
    'TICKSTOCK_DB_HOST',
    'TICKSTOCK_DB_PORT',
    'TICKSTOCK_DB_PASSWORD',
    'TICKSTOCK_DB_SSLMODE',
  ]
  expect(new Set([...source.matchAll(/\$(\w+)/g)].map(([, name]) => name))).toEqual(new Set(variables))
  const page = sectionOf(readPage('docs/grafana.md'), 'Provision it')
  for (const name of variables) expect(page).toContain(`| \`${name}\``)
})

it('the panels of a dashboard have ids of their own, fit beside each other, and read the provisioned source', () => {
  const source = readFileSync(`${FOLDER}provisioning/datasources/tickstock.yaml`, 'utf8')
  const [, uid] = /^ +uid: (\w+)$/m.exec(source) ?? []
  expect(dashboards.map((each) => each.uid)).toEqual(['tickstock-market', 'tickstock-quality'])
  for (const { panels } of dashboards) {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    for (const panel of panels) expect(panel).toMatchObject({ datasource: { uid } })
  }
})
