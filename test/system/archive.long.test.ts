import { execFile } from 'node:child_process'
import { existsSync, globSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { deployedFlags } from '../../bin/stage/flags.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { ARCHIVE_COLUMNS } from '../../functions/archive/schema.ts'
import { blockOf, readPage } from '../docs/page.ts'
import { installPandas } from '../support/pandas.ts'
import { hasPythonFrom } from '../support/python-package.ts'
import { preparedData } from './support/data-folder.ts'
import { readRows } from './support/replay-into.ts'
import { waitFor } from './support/wait-for.ts'

const T = 1_760_106_720
const settings = { archiveWindowSeconds: 0 }

let data: string
let deployment: Deployment

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({ data, durability: 'none', settings })
})

afterAll(async () => {
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

const ticksOf = (ticks: readonly (readonly unknown[])[], others = {}) =>
  JSON.stringify({ symbol: 'AAPL', ...others, ticks })

async function put(...records: readonly string[]): Promise<void> {
  const kinesis = createKinesisClient(deployment.runtime.environment)
  const Records = records.map((text) => ({ PartitionKey: 'AAPL', Data: Buffer.from(text) }))
  await kinesis.send(new PutRecordsCommand({ StreamName: deployment.ticksStream, Records }))
}

/** The folder in which the trades of the stream lie. */
const folder = (): string => {
  const bucket = deployment.runtime.outputs['ArchiveBucket'] ?? ''
  return join(data, 'aws', 's3', bucket, 'objects', 'ticks+')
}
const objects = (): string[] => globSync('**/*.parquet', { cwd: folder() })

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const connection = await (await DuckDBInstance.create()).connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
  }
}

/** Rows in the archive, each counted once. */
async function archived(): Promise<number> {
  if (!existsSync(folder()) || objects().length === 0) return 0
  const [row] = await query(
    `SELECT count(DISTINCT (shard, sequence_number, place)) AS n FROM read_parquet('${folder()}/*/*/*.parquet')`,
  )
  return Number(row?.['n'])
}

it('has every trade, also one too late for its bar, and none that was rejected; the query of the page reads it', async () => {
  await put(
    ticksOf([
      [T, '10.000000000000000001', 1],
      [`${T}.000000001`, 12, 2],
      [T + 59, 11, 3],
      [T + 60, -1, 1],
    ]),
    ticksOf([[T + 300, 20, 1]]),
    ticksOf([[T + 30, 9, '0.5']]),
  )
  await deployment.flush()
  await waitFor(async () => (await archived()) === 5, 'all trades in the archive')
  const sql = blockOf(readPage('docs/archive.md'), 'Read it with DuckDB', 'sql').replace('FOLDER', folder())
  const minutes = await query(`SELECT * REPLACE (minute::VARCHAR AS minute) FROM (${sql})`)
  expect(minutes).toEqual([
    {
      symbol: 'AAPL',
      minute: '2025-10-10 14:32:00',
      trades: '4',
      open: '10.000000000000000001',
      high: '12.000000000000000000',
      low: '9.000000000000000000',
      close: '11.000000000000000000',
      volume: '6.500000000000000000',
    },
    expect.objectContaining({ minute: '2025-10-10 14:37:00', trades: '1' }),
  ])
  // Of the live bar the late trade is no part.
  expect((await readRows(deployment.readOnlyUrl)).map((row) => row.trade_count)).toEqual(['3', '1'])
  expect(readdirSync(folder())).toEqual(['date%3D2025-10-10+'])
})

/** What a reader of the page would look at next. */
const LOOK = `
import json
print(json.dumps({
  "rows": trades[["symbol", "timestamp", "price", "volume", "type", "place"]].astype(str).values.tolist(),
  "columns": list(trades.columns),
  "types": [type(trades.price.iloc[0]).__name__, str(trades.timestamp.dtype)],
}))
`

it.runIf(hasPythonFrom(11))(
  'is read by the pandas of PyPI as the page shows it (Python from 3.11 on)',
  { timeout: 600_000 },
  async () => {
    const python = await installPandas()
    const bucket = deployment.runtime.outputs['ArchiveBucket'] ?? ''
    const sample = blockOf(readPage('docs/archive.md'), 'Read it with pandas', 'python').replace(
      'BUCKET',
      bucket,
    )
    const { HOME = '', PATH = '' } = process.env
    const { stdout, stderr } = await promisify(execFile)(python, ['-c', sample + LOOK], {
      env: { HOME, PATH, ...deployment.runtime.environment },
    })
    expect(stderr).toBe('')
    const day = '2025-10-10'
    expect(JSON.parse(stdout)).toEqual({
      rows: [
        ['AAPL', `${day} 14:32:00.000000000`, '10.000000000000000001', '1.000000000000000000', 'trade', '0'],
        ['AAPL', `${day} 14:32:00.000000001`, '12.000000000000000000', '2.000000000000000000', 'trade', '1'],
        ['AAPL', `${day} 14:32:30.000000000`, '9.000000000000000000', '0.500000000000000000', 'trade', '0'],
        ['AAPL', `${day} 14:32:59.000000000`, '11.000000000000000000', '3.000000000000000000', 'trade', '2'],
        ['AAPL', `${day} 14:37:00.000000000`, '20.000000000000000000', '1.000000000000000000', 'trade', '0'],
      ],
      columns: [...ARCHIVE_COLUMNS.map(({ name }) => name), 'date', 'hour'],
      types: ['Decimal', 'datetime64[ns]'],
    })
  },
)

const ARCHIVER = 'tickstock-local-archiver'

/** Records that wait for the archiver, and how often it has been called. */
const waiting = () =>
  deployment.runtime
    .lag()
    .filter(({ functionName }) => functionName === ARCHIVER)
    .reduce((sum, { records }) => sum + records, 0)
const invocations = async () => (await deployment.runtime.functions())[ARCHIVER]?.invocations ?? 0

/** Turns the archiver on or off; a new worker hears of it at once. */
async function turn(value: 'on' | 'off'): Promise<void> {
  await deployedFlags('local', deployment.runtime.environment).set('archive', value)
  await deployment.runtime.killFunction(ARCHIVER)
}

it('that is turned off holds up no bar, and has all trades when it is on again', async () => {
  await turn('off')
  const [called, before] = [await invocations(), await archived()]
  await put(
    ticksOf([
      [T + 500, 21, 1],
      [T + 560, 22, 1],
    ]),
  )
  await waitFor(async () => (await invocations()) > called + 2, 'the archiver to be called in vain')
  await deployment.flush()
  const rows = await readRows(deployment.readOnlyUrl)
  expect(rows.map(({ timestamp }) => timestamp)).toContain('2025-10-10T14:41:00Z')
  expect([await archived(), waiting()]).toEqual([before, 1])
  await turn('on')
  await waitFor(async () => (await archived()) === before + 2, 'what had waited in the archive')
})

it('goes on where it was after a kill and a restart, and loses nothing', async () => {
  const before = await archived()
  await put(ticksOf([[T + 600, 23, 1]]))
  await deployment.runtime.killFunction(ARCHIVER)
  await deployment.stop()
  deployment = await startDeployment({ data, durability: 'none', settings })
  await put(ticksOf([[T + 700, 23, 1]]))
  await waitFor(async () => (await archived()) === before + 2, 'the trades before and after the restart')
  expect(await archived()).toBe(before + 2)
})

it('is compacted to an object for each hour, an hour after the last was put, with the same rows', async () => {
  const compacted = () => deployment.runtime.invoke('tickstock-local-compactor', { type: 'compact' })
  expect(await compacted()).toMatchObject({ type: 'success', payload: { merged: 0, into: 0 } })
  const rows = () => query(`SELECT * FROM read_parquet('${folder()}/*/*/*.parquet') ORDER BY ALL`)
  const [before, count] = [await rows(), objects().length]
  expect(count).toBeGreaterThan(1)
  const earlier = new Date(Date.now() - 7_200_000)
  for (const file of objects()) utimesSync(join(folder(), file), earlier, earlier)
  expect(await compacted()).toMatchObject({ type: 'success', payload: { merged: count, into: 1 } })
  expect(objects()).toHaveLength(1)
  expect(await rows()).toEqual(before)
})
