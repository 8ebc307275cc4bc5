import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { deployedFlags } from '../../bin/stage/flags.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import type { Flag, FlagName } from '../../functions/shared/runtime/flag-names.ts'
import { preparedData } from './support/data-folder.ts'
import { feedHistory } from './support/feed-history.ts'
import { runCommand } from './support/run-command.ts'

const findingsSchema = z.array(z.object({ check: z.string(), found: z.string(), verdict: z.string() }))
const SYMBOLS = ['AAPL', 'MSFT', 'NVDA']

let data: string
let deployment: Deployment

beforeAll(async () => {
  data = await preparedData()
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

const flags = () => deployedFlags('local', deployment.runtime.environment)

/** Turns a flag; a new worker hears of it at once. */
async function turn(name: FlagName, value: Flag): Promise<void> {
  await flags().set(name, value)
  for (const part of ['aggregator', 'sweeper'])
    await deployment.runtime.killFunction(`tickstock-local-${part}`)
}

/** Puts ticks of a symbol, at Unix seconds. */
async function put(symbol: string, seconds: readonly number[]): Promise<void> {
  const Records = seconds.map((timestamp) => ({
    PartitionKey: symbol,
    Data: Buffer.from(JSON.stringify({ symbol, price: '10', volume: '1', timestamp })),
  }))
  await createKinesisClient(deployment.runtime.environment).send(
    new PutRecordsCommand({ StreamName: deployment.ticksStream, Records }),
  )
}

const RATES = [
  'ticks per second, in live bars',
  'bars per minute, live',
  'bar latency p50',
  'bar latency p99',
] as const

const EXACTNESS = 'bars recomputed from the stream'

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
          check: EXACTNESS,
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
      /^no whole live minute yet, \d+ (s|min) after the start: ask again 3 min after it$/,
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
    const { failed, all } = await findings()
    await change('- 0.00000001')
    expect(failed).toEqual([EXACTNESS])
    expect(all.find(({ check }) => check === EXACTNESS)?.found).toMatch(
      new RegExp(
        `, 1 differ: MSFT ${minute.replace('.000Z', 'Z')}: volume [\\d.]+ expected, [\\d.]+00000001 found$`,
      ),
    )
  })

  it('tells which bars lack trades, where the venue numbers them', async () => {
    const LACKING = 'bars of the last hour that lack trades'
    const lacking = async () => (await findings()).all.find(({ check }) => check === LACKING)
    expect(await lacking()).toMatchObject({
      verdict: 'none-yet',
      found: expect.stringMatching(/^\d+ bars, whose/),
    })
    await asSuperuser(`UPDATE ohlcv_1min SET complete = true WHERE symbol <> 'AAPL'`)
    expect(await lacking()).toMatchObject({
      verdict: 'passed',
      found: expect.stringMatching(/^0 of \d+; \d+ do not tell$/),
    })
    const minute = new Date(Math.floor(Date.now() / 60_000 - 9) * 60_000).toISOString()
    await asSuperuser(
      `UPDATE ohlcv_1min SET complete = false WHERE symbol = 'MSFT' AND timestamp = '${minute}'`,
    )
    const found = await lacking()
    await asSuperuser('UPDATE ohlcv_1min SET complete = NULL')
    expect(found).toMatchObject({
      verdict: 'failed',
      found: expect.stringMatching(new RegExp(`^1 of \\d+: MSFT ${minute.slice(0, 16)}Z; `)),
    })
  })

  it('finds a role that may too much, and one that may too little', async () => {
    await asSuperuser('GRANT UPDATE ON symbols TO app_readonly')
    expect((await findings()).failed).toEqual([expect.stringMatching(/^app_readonly: UPDATE, \d+ tables$/)])
    await asSuperuser('REVOKE UPDATE, SELECT ON symbols FROM app_readonly')
    expect((await findings()).failed).toEqual([expect.stringMatching(/^app_readonly: SELECT, \d+ tables$/)])
    await asSuperuser('GRANT SELECT ON symbols TO app_readonly')
  })

  it('keeps what it found when the owner is not let in, or may make no table', async () => {
    for (const [denied, granted] of [
      ['ALTER ROLE tickstock_owner NOLOGIN', 'ALTER ROLE tickstock_owner LOGIN'],
      ['ALTER SCHEMA public OWNER TO CURRENT_USER', 'ALTER SCHEMA public OWNER TO pg_database_owner'],
    ] as const) {
      await asSuperuser(denied)
      const { code, stdout } = await verify()
      await asSuperuser(granted)
      expect(stdout).toMatch(/app_readonly: TRUNCATE, \d+ tables +denied .+ 42501 +passed\n/)
      expect(stdout).toMatch(
        /app_readonly: a table made later +as the others +.*(permitted to log in|permission denied).* +not checked\n/,
      )
      expect(code).toBe(0)
    }
  })

  it('tries nothing as a role that could do it', async () => {
    const password = readFileSync(join(data, 'owner-password'), 'utf8')
    const owner = deployment.readOnlyUrl.replace(/app_readonly:[^@]+/, `tickstock_owner:${password}`)
    const { code, stdout } = await verify('--database', owner)
    expect(stdout).toMatch(
      /the role that permissions are tried as +app_readonly +tickstock_owner, an owner of \d+ tables: nothing was tried; give --database the connection string of app_readonly +FAILED\n/,
    )
    expect(stdout).not.toContain('TRUNCATE')
    expect(code).toBe(1)
  })

  it('checks the database alone when the endpoint does not answer, and says what it left out', async () => {
    const { code, stdout, stderr } = await verify(
      '--database',
      deployment.readOnlyUrl,
      '--endpoint',
      'http://127.0.0.1:1',
    )
    expect(stdout).toMatch(/query 1: bars of the last ten minutes +some +\d+ bars +passed\n/)
    expect(stdout).toMatch(/bar latency p99 +under 100 ms +20\.0 ms +passed\n/)
    expect(stdout).toMatch(/app_readonly: a table made later .+ECONNREFUSED.+ not checked\n/)
    expect(stdout).toMatch(/memory of the state .+ECONNREFUSED.+ not checked\n/)
    expect(stdout).toMatch(/bars recomputed from the stream +to be checked +the same +not checked\n/)
    expect(stderr).toMatch(
      /^not all was checked: nothing answers at http:\/\/127\.0\.0\.1:1 \(connect ECONNREFUSED 127\.0\.0\.1:1\); is the deployment running\?.*\n$/m,
    )
    expect(code).toBe(1)
  })

  it('says of a database that is not ours which tables it lacks', async () => {
    const { code, stdout, stderr } = await verify(
      '--database',
      deployment.readOnlyUrl.replace(/\/tickstock$/, '/postgres'),
    )
    expect(stdout).toMatch(
      /query 1: .+ relation "ohlcv_1min" does not exist: is it the database of TickStock, and has its migrator run\? +FAILED\n/,
    )
    expect(stdout).toMatch(/memory of the state .+ passed\n/)
    expect(stderr).not.toMatch(/^ +at /m)
    expect(code).toBe(1)
  })

  it('takes the database from a connection string, and says so when there is none', async () => {
    const { code } = await verify('--database', deployment.readOnlyUrl)
    expect(code).toBe(0)
    const withoutUser = deployment.readOnlyUrl.replace(/app_readonly:[^@]+@/, '')
    expect(await verify('--database', withoutUser)).toMatchObject({ code: 0 })
    const elsewhere = await verify('--stage', 'dev', '--endpoint', deployment.runtime.endpoint)
    expect(elsewhere).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/the five validation queries .+ not checked\n/),
      stderr: expect.stringMatching(
        /tickstock\/dev\/database\/read cannot be read at .+: ResourceNotFoundException: /,
      ),
    })
    expect(await verify('--database', 'app_readonly@localhost')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--database is not a connection string such as postgresql://'),
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

  it('says that indicators and patterns are off when they are, on purpose', async () => {
    await flags().set('analytics', 'off')
    const { all, failed } = await findings()
    await flags().set('analytics', 'on')
    expect(verdictsOf(all, ['query 3: patterns by type', 'query 4: indicators by name'])).toEqual([
      'not-checked',
      'not-checked',
    ])
    expect(failed).not.toContain('query 4: indicators by name')
  })

  it('counts no tick that was refused by design', async () => {
    const newest = Math.floor(Date.now() / 60_000 - 5) * 60
    await put('LATE', [newest - 70, newest - 10, newest])
    await deployment.flush()
    await turn('late-corrections', 'off')
    await put('LATE', [newest - 69])
    await deployment.settle()
    await turn('late-corrections', 'on')
    expect((await findings()).all.find(({ check }) => check === EXACTNESS)).toMatchObject({
      verdict: 'passed',
      found: expect.stringMatching(/all equal$/),
    })
  })

  it('leaves out ticks that wait on the stream, and says so', async () => {
    const newest = Math.floor(Date.now() / 60_000 - 5) * 60
    await put('WAITS', [newest - 70])
    await deployment.settle()
    await turn('aggregation', 'off')
    await put('WAITS', [newest - 69, newest])
    const { all } = await findings()
    await turn('aggregation', 'on')
    expect(all.find(({ check }) => check === EXACTNESS)).toMatchObject({
      verdict: 'passed',
      found: expect.stringMatching(/all equal; 2 ticks wait on the stream and are left out/),
    })
  })
})
