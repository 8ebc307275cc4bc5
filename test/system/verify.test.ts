import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { type Deployment, startDeployment } from '../../bin/local/deployment.ts'
import { feedHistory } from './support/feed-history.ts'
import { runCommand } from './support/run-command.ts'

const findingsSchema = z.array(z.object({ check: z.string(), found: z.string(), verdict: z.string() }))
const SYMBOLS = ['AAPL', 'MSFT', 'NVDA']

let data: string
let deployment: Deployment

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  deployment = await startDeployment({ data, durability: 'none' })
  await feedHistory(deployment, { symbols: SYMBOLS, minutes: 20 })
})

afterAll(async () => {
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

async function asSuperuser(statement: string): Promise<void> {
  const client = new Client({ ...deployment.postgres.superuser, database: 'tickstock' })
  await client.connect()
  await client.query(statement)
  await client.end()
}

async function verify(...options: readonly string[]) {
  const given = ['verify', '--symbols', String(SYMBOLS.length), ...options]
  const { code, stdout, stderr } = await runCommand(given, deployment.runtime.environment)
  return { code, stdout, stderr }
}

async function findings() {
  const { code, stdout } = await verify('--json')
  const all = findingsSchema.parse(JSON.parse(stdout))
  return { code, failed: all.filter(({ verdict }) => verdict === 'failed').map(({ check }) => check), all }
}

describe('npm run verify', () => {
  it('fails for want of live bars, while all else holds', async () => {
    const { code, failed, all } = await findings()
    expect(failed).toEqual([
      'ticks per second, in live bars',
      'bars per minute, live',
      'bar latency p50',
      'bar latency p99',
    ])
    expect(code).toBe(1)
    expect(all).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ check: 'query 4: indicators by name', verdict: 'passed' }),
        expect.objectContaining({ check: 'app_readonly: TRUNCATE, a table made later', found: '42501' }),
        expect.objectContaining({
          check: 'bars recomputed from the stream',
          found: expect.stringMatching(/all equal$/),
        }),
      ]),
    )
  })

  it('passes once bars come live, and prints a table', async () => {
    await asSuperuser(
      `UPDATE ohlcv_1min SET closed_at = timestamp + interval '61 s', written_at = timestamp + interval '61.02 s'`,
    )
    const { code, stdout } = await verify()
    expect(stdout).toMatch(/^check +expected +found\n/)
    expect(stdout).toMatch(/bar latency p99 +under 100 ms +20\.0 ms +passed\n/)
    expect(stdout).toMatch(/\n\d+ passed(, 1 none yet)?\n$/)
    expect(code).toBe(0)
  })

  it('finds a bar that is not what its ticks make', async () => {
    const minute = new Date(Math.floor(Date.now() / 60_000 - 9) * 60_000).toISOString()
    const change = (by: string) =>
      asSuperuser(
        `UPDATE ohlcv_1min SET volume = volume ${by} WHERE symbol = 'MSFT' AND timestamp = '${minute}'`,
      )
    await change('+ 0.00000001')
    expect((await findings()).failed).toEqual(['bars recomputed from the stream'])
    await change('- 0.00000001')
  })

  it('finds a role that may too much, and one that may too little', async () => {
    await asSuperuser('GRANT UPDATE ON bar_revisions TO app_readonly')
    expect((await findings()).failed).toEqual([expect.stringMatching(/^app_readonly: UPDATE, \d+ tables$/)])
    await asSuperuser('REVOKE UPDATE, SELECT ON bar_revisions FROM app_readonly')
    expect((await findings()).failed).toEqual([expect.stringMatching(/^app_readonly: SELECT, \d+ tables$/)])
    await asSuperuser('GRANT SELECT ON bar_revisions TO app_readonly')
  })

  it('takes the database from a connection string, and says so when there is none', async () => {
    const { code } = await verify('--database', deployment.readOnlyUrl)
    expect(code).toBe(0)
    const elsewhere = await verify('--stage', 'dev', '--endpoint', deployment.runtime.endpoint)
    expect(elsewhere).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('tickstock/dev/database/read'),
    })
  })
  it('fails when bars bring no indicators, and when a hundred bring no pattern', async () => {
    await asSuperuser('TRUNCATE intraday_patterns, indicator_values')
    const few = await verify()
    expect(few.stdout).toMatch(/query 3: patterns by type +some +none yet +none yet\n/)
    expect(few.stdout).toMatch(
      /query 4: indicators by name +some +none: is the flag analytics on\? +FAILED\n/,
    )
    expect(few.code).toBe(1)
    await asSuperuser(
      `INSERT INTO ohlcv_1min (symbol, timestamp, open, high, low, close, volume, trade_count, revision, closed_at)
       SELECT 'S' || n, date_trunc('minute', now()), 1, 1, 1, 1, 1, 1, 1, now() FROM generate_series(1, 100) AS n`,
    )
    expect((await findings()).failed).toEqual(
      expect.arrayContaining(['query 3: patterns by type', 'query 4: indicators by name']),
    )
  })
})
