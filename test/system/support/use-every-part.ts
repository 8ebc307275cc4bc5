import { globSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { Client } from 'pg'

import { FLAG_NAMES } from '../../../functions/shared/runtime/flag-names.ts'
import type { Deployment } from '../../../bin/embedded/deployment.ts'
import { createKinesisClient } from '../../../feed/kinesis-client.ts'
import { givenUpObject } from '../../support/given-up.ts'
import { startWatching } from './watching.ts'
import { waitFor } from './wait-for.ts'

/** A deployment with `access: people`, and the headers of somebody of the group operator. */
export type Used = {
  readonly deployment: Deployment
  readonly data: string
  readonly operator: Readonly<Record<string, string>>
}

/** 2025-10-10T10:00:00Z */
const T = 1_760_090_400
const HOUR_MS = 3_600_000

/** Uses each part as people, programs and schedules do, once. */
export async function useEveryPart(used: Used): Promise<void> {
  const { deployment } = used
  const client = await startWatching(deployment, { symbols: ['AAPL'], types: ['bar', 'ticks'] })
  await trade(used)
  await waitFor(() => client.records.length > 0, 'the client to get a bar')
  await client.stop()
  await read(used)
  await operate(used)
  await rebuild(used)
  await exportBars(used)
  await alert(used)
  await compact(used)
}

/** Trades that make bars, signals and corrections, and records that no part can read. */
async function trade(used: Used): Promise<void> {
  const { deployment } = used
  const { runtime, ticksStream } = deployment
  await tradeOf(deployment, 'MSFT')
  for (const file of archived(used)) rmSync(file)
  for (const symbol of ['AAPL', 'IBM']) await tradeOf(deployment, symbol)
  await put(deployment, ticksStream, { symbol: 'AAPL' })
  await put(deployment, runtime.outputs['BarsStream'] ?? '', { symbol: 'AAPL', type: 'bar' })
  await deployment.flush()
  // A quiet symbol is closed by the schedule.
  await runtime.invoke('tickstock-local-sweeper', { type: 'sweep' })
  await runtime.idle()
}

async function tradeOf(deployment: Deployment, symbol: string): Promise<void> {
  const ticks = Array.from({ length: 60 }, (_, half) => [T + half * 30, 10 + (half % 5), 1, half])
  for (const part of [ticks.slice(0, 40), ticks.slice(40)])
    await put(deployment, deployment.ticksStream, { symbol, line: 'x', ticks: part })
}

async function put(
  { runtime }: Deployment,
  stream: string,
  record: { readonly symbol: string; readonly [member: string]: unknown },
): Promise<void> {
  const kinesis = createKinesisClient(runtime.environment)
  const Records = [{ PartitionKey: record.symbol, Data: Buffer.from(JSON.stringify(record)) }]
  await kinesis.send(new PutRecordsCommand({ StreamName: stream, Records }))
  await runtime.idle()
}

async function read(used: Used): Promise<void> {
  await ask(used, 'GET', '/v1/symbols')
  const { protocols } = JSON.parse(await ask(used, 'POST', '/v1/live-tickets'))
  const socket = new WebSocket(used.deployment.webSocketUrl ?? '', protocols)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  socket.close()
}

async function operate(used: Used): Promise<void> {
  const { deployment } = used
  const { runtime } = deployment
  for (const flag of FLAG_NAMES) await ask(used, 'PUT', `/v1/operations/flags/${flag}`, { value: 'on' })
  const s3 = new S3Client({ ...clientOf(deployment), forcePathStyle: true })
  for (const stream of ['ticks', 'bars', 'signals']) {
    const data = Buffer.from(
      stream === 'ticks' ? `{"symbol":"MSFT","price":"1","volume":"1","timestamp":${T}}` : '{}',
    )
    const record = { partitionKey: 'MSFT', sequenceNumber: '1', data, arrivedAt: T * 1000 }
    const { key, body } = givenUpObject(`tickstock-local-${stream}`, [record])
    await s3.send(new PutObjectCommand({ Bucket: runtime.outputs['DeadLetterBucket'], Key: key, Body: body }))
    await ask(used, 'POST', '/v1/operations/dead-letters/redrive', { key })
  }
  await ask(used, 'GET', '/v1/operations/system')
  await ask(used, 'GET', '/v1/operations/dead-letters')
  await ask(used, 'GET', '/v1/operations/actions')
  await runtime.idle()
}

/**
 * A rebuild of a symbol that has lost a bar, of one that has lost signals and the state that they come from, and of one whose bars
 * are others than those that its signals come from, and whose trades are in no archive.
 */
async function rebuild(used: Used): Promise<void> {
  const { deployment } = used
  const database = new Client({ ...deployment.postgres.superuser, database: 'tickstock' })
  await database.connect()
  const at = `timestamp = to_timestamp(${T + 1500})`
  await database.query(`DELETE FROM ohlcv_1min WHERE symbol = 'AAPL' AND ${at}`)
  await database.query(`DELETE FROM indicator_values WHERE symbol <> 'MSFT' AND ${at}`)
  await database.query(`UPDATE ohlcv_1min SET close = low WHERE symbol = 'MSFT'`)
  await database.end()
  const dynamodb = new DynamoDBClient(clientOf(deployment))
  await dynamodb.send(
    new DeleteItemCommand({ TableName: 'tickstock-local-indicator-state', Key: { symbol: { S: 'IBM' } } }),
  )
  const wanted = { symbols: ['AAPL', 'IBM', 'MSFT'], from: '2025-10-10', to: '2025-10-11' }
  const { id } = JSON.parse(await ask(used, 'POST', '/v1/jobs', wanted))
  await waitFor(
    async () => JSON.parse(await ask(used, 'GET', `/v1/jobs/${id}`)).state === 'done',
    'the rebuild to be done',
  )
  await ask(used, 'GET', '/v1/jobs')
}

/** An export, and the link to its object, which waits a minute until all that was known then is there. */
async function exportBars(used: Used): Promise<void> {
  const wanted = { type: 'export', symbols: ['AAPL'], from: '2025-10-10', to: '2025-10-11', format: 'csv' }
  const { id } = JSON.parse(await ask(used, 'POST', '/v1/jobs', wanted))
  const shown = async () => JSON.parse(await ask(used, 'GET', `/v1/jobs/${id}`))
  await waitFor(async () => (await shown()).state === 'done', 'the export to be done')
  const answer = await fetch((await shown()).download.url)
  if (!answer.ok) throw new Error(`the link to the export was answered with ${answer.status}`)
}

/** A rule that fires for a bar of now, and whose receiver is not there; and one that is published to the topic. */
async function alert(used: Used): Promise<void> {
  const { deployment } = used
  const symbol = 'ALERT'
  const added = { symbols: [symbol], to: 'http://127.0.0.1:9/' }
  await ask(used, 'POST', '/v1/alerts', { ...added, condition: 'silent 5 minutes' })
  const { id } = JSON.parse(
    await ask(used, 'POST', '/v1/alerts', { ...added, condition: 'close crosses above 1' }),
  )
  await ask(used, 'POST', '/v1/alerts', { ...added, condition: 'close > 1.5', to: 'topic' })
  // Rules are read again after 5 s.
  await deployment.runtime.killFunction('tickstock-local-alerter')
  const now = Math.floor(Date.now() / 60_000) * 60
  for (const [minute, close] of [
    [now - 120, '1'],
    [now - 60, '2'],
  ] as const)
    await put(deployment, deployment.runtime.outputs['BarsStream'] ?? '', {
      type: 'bar',
      symbol,
      timestamp: `${new Date(minute * 1000).toISOString().slice(0, 19)}Z`,
      timeframe: '1Min',
      revision: 1,
      open: close,
      high: close,
      low: close,
      close,
      volume: '1',
      vwap: close,
      trade_count: 1,
      closed_at: Date.now(),
    })
  await waitFor(async () => {
    const { firings } = JSON.parse(await ask(used, 'GET', '/v1/alerts/firings'))
    return firings.length === 2 && firings.every(({ attempts }: { attempts: number }) => attempts === 1)
  }, 'an alert to be sent in vain, and one to be published')
  await ask(used, 'DELETE', `/v1/alerts/${id}`)
  await deployment.runtime.invoke('tickstock-local-alerter', { type: 'minute' })
}

/** The files behind the objects of the archive. */
function archived({ deployment, data }: Used): readonly string[] {
  return globSync(
    join(data, 'aws', 's3', deployment.runtime.outputs['ArchiveBucket'] ?? '', '**', '*.parquet'),
  )
}

async function compact(used: Used): Promise<void> {
  const earlier = new Date(Date.now() - 2 * HOUR_MS)
  for (const file of archived(used)) utimesSync(file, earlier, earlier)
  await used.deployment.runtime.invoke('tickstock-local-compactor', { type: 'compact' })
}

/** @throws Error when the answer is an error */
async function ask(
  { deployment, operator }: Used,
  method: string,
  path: string,
  body?: object,
): Promise<string> {
  const answer = await fetch(`${deployment.api.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...operator },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return text
}

function clientOf({ runtime }: Deployment) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  return { endpoint: runtime.endpoint, region: 'us-east-1', credentials }
}
