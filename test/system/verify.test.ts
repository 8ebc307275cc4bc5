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
  // As if it had been written so at first: nothing notes a revision.
  await client.query('SET session_replication_role = replica')
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

/** Has all bars closed at a time, and written 20 ms later. */
async function closeBars(closedAt: string): Promise<void> {
  await asSuperuser(
    `UPDATE ohlcv_1min SET closed_at = ${closedAt}, written_at = ${closedAt} + interval '20 ms'`,
  )
}

const RATES = [
  'ticks per second, in live bars',
  'bars per minute, live',
  'bar latency p50',
  'bar latency p99',
] as const

function verdictsOf(all: z.infer<typeof findingsSchema>, checks: readonly string[]): (string | undefined)[] {
  return checks.map((name) => all.find(({ check }) => check === name)?.verdict)
}

describe('npm run verify', () => {
  it('counts nothing as passed while no bar came live, and all else holds', async () => {
    const { code, failed, all } = await findings()
    expect(failed).toEqual([])
    expect(code).toBe(0)
    expect(verdictsOf(all, RATES)).toEqual(['none-yet', 'none-yet', 'none-yet', 'none-yet'])
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

  it('takes the last minute of a history that was played at full speed for no live one', async () => {
    await closeBars(`date_trunc('minute', now()) - interval '55 s'`)
    const { all } = await findings()
    expect(verdictsOf(all, RATES)).toEqual(['none-yet', 'none-yet', 'none-yet', 'none-yet'])
    expect(all.find(({ check }) => check === RATES[0])?.found).toMatch(
      /^no whole live minute yet, \d+ s after the start: ask again 3 min after it$/,
    )
  })

  it.each([
    ['has stopped', `now() - interval '10 minutes'`, /the newest was closed 10 min ago/],
    ['never brings a bar in time', `least(now(), timestamp + interval '5 minutes')`, /have come for 1\d min/],
  ])('fails for a deployment that %s', async (_name, closedAt, found) => {
    await closeBars(closedAt)
    const { code, failed, all } = await findings()
    expect(failed).toEqual(['ticks per second, in live bars', 'bars per minute, live'])
    expect(code).toBe(1)
    expect(all.find(({ check }) => check === RATES[0])?.found).toMatch(found)
  })

  it('passes once bars come live, and prints a table', async () => {
    await closeBars(`timestamp + interval '61 s'`)
    const { code, stdout } = await verify()
    expect(stdout).toMatch(/^check +expected +found\n/)
    expect(stdout).toMatch(/bar latency p99 +under 100 ms +20\.0 ms +passed\n/)
    expect(stdout).toMatch(/\n\d+ passed(, 1 none yet \(not counted as passed\))?\n$/)
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
    await asSuperuser('GRANT UPDATE ON symbols TO app_readonly')
    expect((await findings()).failed).toEqual([expect.stringMatching(/^app_readonly: UPDATE, \d+ tables$/)])
    await asSuperuser('REVOKE UPDATE, SELECT ON symbols FROM app_readonly')
    expect((await findings()).failed).toEqual([expect.stringMatching(/^app_readonly: SELECT, \d+ tables$/)])
    await asSuperuser('GRANT SELECT ON symbols TO app_readonly')
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
