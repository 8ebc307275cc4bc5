import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { preparedData } from './support/data-folder.ts'
import { readRows } from './support/replay-into.ts'
import { runCommand } from './support/run-command.ts'

/** 2025-10-10T10:00:00Z */
const T = 1_760_090_400
const MINUTES = 120

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

async function trade(symbol: string): Promise<void> {
  const ticks = Array.from({ length: MINUTES }, (_, minute) => [T + minute * 60, 10 + (minute % 7) / 4, 1.5])
  const kinesis = createKinesisClient(deployment.runtime.environment)
  const Data = Buffer.from(JSON.stringify({ symbol, ticks }))
  await kinesis.send(
    new PutRecordsCommand({ StreamName: deployment.ticksStream, Records: [{ PartitionKey: symbol, Data }] }),
  )
}

const run = (...given: readonly string[]) =>
  runCommand([...given, '--stage', 'local'], deployment.runtime.environment)

async function rowsOf(file: string): Promise<unknown[]> {
  const connection = await (await DuckDBInstance.create()).connect()
  try {
    const sql = `SELECT symbol, epoch(t)::INTEGER AS time, c::VARCHAR AS close, n::INTEGER AS trades, rev::INTEGER AS revision
      FROM '${file}' ORDER BY ALL`
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
  }
}

it('npx tickstock export writes all bars to a file, with a link to the object in the folder of the bucket', async () => {
  await trade('AAPL')
  await trade('MSFT')
  await deployment.flush()
  await deployment.settle()
  const out = join(data, 'bars.parquet')
  const span = ['--from', '2025-10-10', '--to', '2025-10-11', '--symbols', 'AAPL,MSFT']
  const { code, stdout, stderr } = await run('export', ...span, '--format', 'parquet', '--out', out)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  // Where no terminal is, progress is printed line by line.
  const printed = stdout.replaceAll(/^exporting: .*\n/gm, '')
  expect(printed).toMatch(
    /^job \S+\n {2,}240 {2}bars exported\n[ \d,]+ {2}bytes\n +2 {2}symbols\nwrote .*bars.parquet\n$/,
  )
  const stored = await readRows(deployment.readOnlyUrl)
  expect(stored).toHaveLength(2 * MINUTES)
  expect(await rowsOf(out)).toEqual(
    stored
      .map(({ symbol, timestamp, close, trade_count: trades, revision }) => ({
        symbol,
        time: Date.parse(timestamp) / 1000,
        close: Number(close).toFixed(18),
        trades: Number(trades),
        revision: Number(revision),
      }))
      .toSorted((one, other) =>
        one.symbol < other.symbol ? -1 : one.symbol > other.symbol ? 1 : one.time - other.time,
      ),
  )
  const id = /^job (\S+)/.exec(stdout)?.[1] ?? ''
  const object = join(
    data,
    'aws/s3',
    deployment.runtime.outputs['ExportsBucket'] ?? '',
    'objects',
    'exports+',
    `${id}+`,
  )
  expect(existsSync(join(object, 'bars.parquet'))).toBe(true)
  const shown = await run('jobs', 'show', id)
  const url = /^download +(\S+)$/m.exec(shown.stdout)?.[1] ?? ''
  const linked = Buffer.from(await (await fetch(url)).arrayBuffer())
  expect(linked.equals(readFileSync(out))).toBe(true)
})
