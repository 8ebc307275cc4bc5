import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { DuckDBInstance } from '@duckdb/node-api'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { preparedData } from './support/data-folder.ts'
import { readRows } from './support/replay-into.ts'
import { runCommand } from './support/run-command.ts'
import { readBarRecords, readSignals, signalsOf } from './support/signal-rows.ts'
import { waitFor } from './support/wait-for.ts'

/** 2025-10-10T10:00:00Z */
const T = 1_760_090_400
const REBUILDER = 'tickstock-local-rebuilder'

let data: string
let deployment: Deployment

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({ data, durability: 'none', settings: { archiveWindowSeconds: 0 } })
})

afterAll(async () => {
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

type Tick = readonly [time: number, price: number, volume: number, id: number]

/** Three trades of a minute (counted from T): at 10, 12 and 11, and the minute more. */
const ticksOf = (minute: number): Tick[] =>
  [0, 20, 40].map((second, place) => [
    T + minute * 60 + second,
    minute + ([10, 12, 11][place] ?? 0),
    1,
    minute * 3 + place,
  ])
const minutes = (from: number, to: number) => Array.from({ length: to - from }, (_, place) => from + place)

async function put(symbol: string, ticks: readonly Tick[]): Promise<void> {
  const kinesis = createKinesisClient(deployment.runtime.environment)
  const Data = Buffer.from(JSON.stringify({ symbol, line: 'x', contiguous: true, ticks }))
  await kinesis.send(
    new PutRecordsCommand({ StreamName: deployment.ticksStream, Records: [{ PartitionKey: symbol, Data }] }),
  )
}

const archive = () =>
  join(data, 'aws', 's3', deployment.runtime.outputs['ArchiveBucket'] ?? '', 'objects', 'ticks+', '*', '*')

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const connection = await (await DuckDBInstance.create()).connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
  }
}

/** Waits until the archive has so many trades of a symbol, and the pipeline is idle. */
async function settled(symbol: string, trades: number): Promise<void> {
  await deployment.flush()
  await waitFor(async () => {
    if (globSync(`${archive()}/*.parquet`).length === 0) return false
    const [row] = await query(
      `SELECT count(*) AS n FROM read_parquet('${archive()}/*.parquet') WHERE symbol = '${symbol}'`,
    )
    return Number(row?.['n']) >= trades
  }, `${trades} trades of ${symbol} in the archive`)
}

const barsOf = async (symbol: string) =>
  (await readRows(deployment.readOnlyUrl)).filter((row) => row.symbol === symbol)
const tradesOf = async (symbol: string) =>
  (await barsOf(symbol)).map((row) => [
    (Date.parse(row.timestamp) / 1000 - T) / 60,
    Number(row.trade_count),
    Number(row.revision),
  ])

async function rebuild(symbols: string, ...others: readonly string[]) {
  const ended = await runCommand(
    [
      'rebuild',
      '--symbols',
      symbols,
      '--from',
      '2025-10-10',
      '--to',
      '2025-10-11',
      '--stage',
      'local',
      ...others,
    ],
    deployment.runtime.environment,
  )
  await deployment.settle()
  return ended
}

describe('npx tickstock rebuild', () => {
  it('fills a hole, and leaves what was there, however often the trades have come', async () => {
    const all = minutes(0, 25).flatMap(ticksOf)
    await put('AAPL', minutes(0, 5).flatMap(ticksOf))
    await put('AAPL', minutes(20, 25).flatMap(ticksOf))
    // The missing ones, too late for their bars; then the whole day once more.
    await put('AAPL', minutes(5, 20).flatMap(ticksOf))
    await put('AAPL', all)
    // So that all of them are final.
    await put('AAPL', ticksOf(30))
    await settled('AAPL', 30 + 45 + 75 + 3)
    expect((await tradesOf('AAPL')).length).toBeLessThan(20)
    const { code, stdout } = await rebuild('AAPL')
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ +\d+ {2}bars put$/m) })
    const bars = await barsOf('AAPL')
    expect(bars.map((row) => row.trade_count)).toEqual(Array.from({ length: 26 }, () => '3'))
    const judged = await query(`
      SELECT strftime(time_bucket(INTERVAL 1 minute, timestamp), '%Y-%m-%dT%H:%M:%SZ') AS minute,
        arg_min(price, timestamp)::DOUBLE AS open, max(price)::DOUBLE AS high, min(price)::DOUBLE AS low,
        arg_max(price, timestamp)::DOUBLE AS close, sum(volume)::DOUBLE AS volume
      FROM (SELECT DISTINCT ON (id) * FROM read_parquet('${archive()}/*.parquet') WHERE symbol = 'AAPL')
      GROUP BY minute ORDER BY minute`)
    expect(
      bars.map(({ timestamp: minute, open, high, low, close, volume }) => ({
        minute,
        ...Object.fromEntries(
          Object.entries({ open, high, low, close, volume }).map(([name, value]) => [name, Number(value)]),
        ),
      })),
    ).toEqual(judged)
    const { readOnlyUrl } = deployment
    expect(await readSignals(readOnlyUrl)).toEqual(signalsOf(await readBarRecords(readOnlyUrl)))
  })

  it('again changes nothing, and gives no bar a revision', async () => {
    const before = await tradesOf('AAPL')
    const { stdout } = await rebuild('AAPL')
    expect(stdout).toMatch(/^ +0 {2}bars put$/m)
    expect(stdout).toMatch(/^ +26 {2}bars as they were$/m)
    expect(await tradesOf('AAPL')).toEqual(before)
  })

  it('killed in the middle and given again leaves the same rows', async () => {
    const symbols = ['K0', 'K1', 'K2', 'K3']
    for (const symbol of symbols) {
      await put(symbol, minutes(0, 3).flatMap(ticksOf))
      await put(symbol, minutes(100, 110).flatMap(ticksOf))
      await put(symbol, minutes(3, 100).flatMap(ticksOf))
    }
    for (const symbol of symbols) await settled(symbol, 330)
    const invoked = async () => (await deployment.runtime.functions())[REBUILDER]?.invocations ?? 0
    const before = await invoked()
    const first = rebuild(symbols.join(','))
    await waitFor(async () => (await invoked()) > before, 'the rebuild to begin')
    await deployment.runtime.killFunction(REBUILDER)
    const { code } = await first
    expect([0, 1]).toContain(code)
    expect((await rebuild(symbols.join(','))).code).toBe(0)
    const { stdout } = await rebuild(symbols.join(','))
    expect(stdout).toMatch(/^ +0 {2}bars put$/m)
    for (const symbol of symbols) {
      const rows = await tradesOf(symbol)
      expect(rows.map(([minute, trades]) => [minute, trades])).toEqual(
        minutes(0, 110).map((minute) => [minute, 3]),
      )
      expect(Math.max(...rows.map(([, , revision]) => revision ?? 0))).toBeLessThanOrEqual(2)
    }
  })

  it('goes on where the part that runs jobs was killed', async () => {
    const { stdout } = await runCommand(
      [
        'rebuild',
        '--symbols',
        'K0,K1',
        '--from',
        '2025-09-01',
        '--to',
        '2025-10-11',
        '--detach',
        '--stage',
        'local',
      ],
      deployment.runtime.environment,
    )
    const job = async () => {
      const shown = await runCommand(
        ['jobs', 'show', stdout.trim(), '--json', '--stage', 'local'],
        deployment.runtime.environment,
      )
      return JSON.parse(shown.stdout)
    }
    await waitFor(async () => (await job()).tasks.done > 0, 'the first task to be done')
    await deployment.runtime.killFunction('tickstock-local-jobs')
    // Which calls it again, as the schedule would.
    await rebuild('K0')
    const { state, tasks } = await job()
    expect({ state, done: tasks.done }).toEqual({ state: 'done', done: tasks.total })
    expect((await tradesOf('K0')).map(([minute, trades]) => [minute, trades])).toEqual(
      minutes(0, 110).map((minute) => [minute, 3]),
    )
  })

  it('brings the bars back that the database has lost', async () => {
    const before = await barsOf('AAPL')
    const { superuser } = deployment.postgres
    const client = new Client({ ...superuser, database: 'tickstock' })
    await client.connect()
    await client.query(`DELETE FROM ohlcv_1min WHERE symbol = 'AAPL' AND timestamp >= '2025-10-10T10:05:00Z'`)
    await client.end()
    expect(await barsOf('AAPL')).toHaveLength(5)
    expect((await rebuild('AAPL')).code).toBe(0)
    const values = (rows: typeof before) => rows.map(({ revision: _revision, ...row }) => row)
    // The newest two minutes may still be changed by late trades.
    expect(values(await barsOf('AAPL'))).toEqual(values(before).slice(0, -1))
  })

  it('leaves a bar that has more trades than the archive, and says so; --replace puts the archive’s', async () => {
    const client = new Client({ ...deployment.postgres.superuser, database: 'tickstock' })
    await client.connect()
    await client.query(
      `UPDATE ohlcv_1min SET trade_count = 4 WHERE symbol = 'AAPL' AND timestamp = '2025-10-10T10:03:00Z'`,
    )
    await client.end()
    const left = await rebuild('AAPL')
    expect(left.stdout).toMatch(/^ +1 {2}left: they have more trades than the archive/m)
    const replaced = await rebuild('AAPL', '--replace')
    expect(replaced.stdout).toMatch(/^ +1 {2}bars put$/m)
    expect((await tradesOf('AAPL'))[3]).toEqual([3, 3, 2])
  })

  it('names symbols and hour of a task that failed, and does the others', async () => {
    const [object = ''] = globSync(`${archive()}/*.parquet`)
    const bytes = readFileSync(object)
    writeFileSync(object, 'no Parquet')
    const { code, stdout } = await rebuild('AAPL')
    writeFileSync(object, bytes)
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /failed: AAPL from .*AAPL, hour 2025-10-10T\d\d:00Z: ticks\/.*no Parquet object of the archive/,
    )
    expect(stdout).toMatch(
      /^2 of 2 tasks are not done \(1 failed\): npx tickstock jobs retry [\w-]+ runs them again$/m,
    )
  })

  it('is listed, shown and retried as a job, and leaves it to itself with --detach', async () => {
    const onStage = (...given: readonly string[]) =>
      runCommand([...given, '--stage', 'local'], deployment.runtime.environment)
    const { stdout } = await rebuild('MSFT', '--detach')
    const id = stdout.trim()
    const followed = await onStage('jobs', 'show', id, '--follow')
    expect({ code: followed.code, stdout: followed.stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^ +0 {2}bars put$/m),
    })
    const { stdout: list } = await onStage('jobs', 'list', '--limit', '1')
    expect(list).toMatch(new RegExp(`^${id} +done +2 of 2 +1 +2025-10-10T00:00 +2025-10-11T00:00 `, 'm'))
    const shown = JSON.parse((await onStage('jobs', 'show', id, '--json')).stdout)
    expect(shown).toMatchObject({ id, state: 'done', symbols: ['MSFT'], tasks: { total: 2, done: 2 } })
    for (const what of ['retry', 'cancel']) {
      const refused = await onStage('jobs', what, id)
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(`job ${id}`)])
    }
    const none = await onStage('jobs', 'show', 'nothing')
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('there is no job "nothing"')])
  })

  it.each([
    [['--symbols', 'A', '--from', 'soon'], /Give a day or a minute, UTC/],
    [['--symbols', 'A', '--from', '2025-02-31'], /Give a day or a minute, UTC/],
    [['--symbols', 'A', '--from', '2025-10-10', '--to', '2025-10-10'], /there is no minute from/],
    [['--from', '2025-10-10'], /--symbols/],
  ])('%j says what is wrong', async (given, says) => {
    const { code, stderr } = await runCommand(
      ['rebuild', ...given, '--stage', 'local'],
      deployment.runtime.environment,
    )
    expect(code).not.toBe(0)
    expect(stderr).toMatch(says)
  })
})

describe('/v1/jobs', () => {
  const ask = async (key: string, method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${deployment.api.url}${path}`, {
      method,
      headers: { 'x-api-key': key },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, ...(text === '' ? {} : JSON.parse(text)) }
  }

  it('takes jobs with an operator’s key only, and says how they go on', async () => {
    const { stdout } = await runCommand(
      ['keys', 'create', 'ops', '--operator', '--stage', 'local'],
      deployment.runtime.environment,
    )
    const key = stdout.trim()
    const body = { symbols: ['MSFT'], from: '2025-10-10', to: '2025-10-13' }
    expect(await ask(deployment.api.key, 'POST', '/v1/jobs', body)).toMatchObject({
      status: 403,
      type: 'urn:tickstock:not-operator',
    })
    expect((await ask('', 'GET', '/v1/jobs')).status).toBe(401)
    const { status, id, submitted_by } = await ask(key, 'POST', '/v1/jobs', body)
    expect({ status, submitted_by }).toEqual({ status: 202, submitted_by: expect.stringMatching(/^key \w+/) })
    await waitFor(
      async () => (await ask(key, 'GET', `/v1/jobs/${id}`)).state === 'done',
      'the job to be done',
    )
    expect(await ask(key, 'GET', `/v1/jobs/${id}`)).toMatchObject({
      status: 200,
      tasks: { total: 4, done: 4, failed: 0, running: 0, waiting: 0 },
      symbols: ['MSFT'],
      failures: [],
    })
    expect((await ask(key, 'GET', '/v1/jobs?limit=1')).jobs).toMatchObject([{ id, state: 'done' }])
    expect(await ask(key, 'DELETE', `/v1/jobs/${id}`)).toMatchObject({
      status: 409,
      type: 'urn:tickstock:job-ended',
    })
    expect(await ask(key, 'POST', '/v1/jobs', { symbols: 'MSFT' })).toMatchObject({
      status: 400,
      detail: expect.stringContaining('symbols is "MSFT"; allowed: a list of symbols'),
    })
    // Nothing else is open to that key.
    expect((await ask(key, 'POST', '/v1/bars', body)).status).toBe(405)
  })
})
