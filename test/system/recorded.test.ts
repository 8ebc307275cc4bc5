import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/local/deployment.ts'
import { expectPublishedBars, plain } from '../support/published-bars.ts'
import { RECORDED_SETS, tradesPath } from '../support/trades.ts'
import { type Row, readRows, replayInto } from './support/replay-into.ts'

describe.each(RECORDED_SETS)('%s, through the whole stack', (set) => {
  let data: string
  let deployment: Deployment
  let rows: Map<string, Row>

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
    deployment = await startDeployment({ data, durability: 'none' })
    await replayInto(deployment, tradesPath(set))
    await deployment.flush()
    rows = new Map(
      (await readRows(deployment.readOnlyUrl)).map((row) => [`${row.symbol} ${row.timestamp}`, row]),
    )
  })

  afterAll(async () => {
    await deployment.stop()
    rmSync(data, { recursive: true, force: true })
  })

  it('gives every published bar, exactly', () => {
    expectPublishedBars(set, [...rows.values()])
  })

  it('agrees with DuckDB on every minute', async () => {
    const connection = await (await DuckDBInstance.create()).connect()
    const result = await connection.runAndReadAll(`
      WITH trades AS (
        SELECT symbol, row_number() OVER () AS place, timestamp AS time,
          CAST(split_part(timestamp, '.', 1) AS BIGINT) // 60 * 60 AS minute,
          CAST(timestamp AS DECIMAL(20, 9)) AS happened, CAST(price AS DECIMAL(18, 8)) AS price, CAST(volume AS DECIMAL(18, 8)) AS volume
        FROM read_csv('${tradesPath(set)}', all_varchar = true, parallel = false)
      )
      SELECT symbol, strftime(make_timestamp(minute * 1000000), '%Y-%m-%dT%H:%M:%SZ') AS timestamp,
        arg_min(price, (happened, place))::VARCHAR AS open, max(price)::VARCHAR AS high, min(price)::VARCHAR AS low,
        arg_max(price, (happened, place))::VARCHAR AS close, sum(volume)::VARCHAR AS volume, count(*)::VARCHAR AS trade_count
      FROM trades GROUP BY symbol, minute`)
    const minutes = result.getRowObjects()
    expect(minutes.length).toBe(rows.size)
    for (const minute of minutes) {
      const row = rows.get(`${String(minute['symbol'])} ${String(minute['timestamp'])}`)
      for (const name of ['open', 'high', 'low', 'close', 'volume', 'trade_count'] as const)
        expect(plain(row?.[name])).toBe(plain(String(minute[name])))
    }
    connection.closeSync()
  })
})
