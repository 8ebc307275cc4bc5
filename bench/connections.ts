import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'

import type { RunningDeployment } from '../bin/stage/running-deployment.ts'
import type { Figure } from './measure.ts'
import { withStarted } from './started.ts'

/** As many as `apiBurst` allows. */
const CLIENTS = 100
/** Until connections are given up: API Gateway waits no longer for `$connect`. */
const PATIENCE_MS = 30_000
const REST_CLIENTS = 200

/**
 * A burst of WebSocket clients at an `npm start` of its own, and one of REST clients: how long they take, and the memory of
 * the process before, during and a minute after.
 */
export async function benchConnections(): Promise<Figure[]> {
  return await withStarted(['--symbols', '3'], async ({ deployment, pid }) => {
    const memory = (): number => megabytesOf(pid)
    await wait(60_000)
    const before = memory()
    const opened = await openAll(deployment)
    const during = memory()
    for (const stream of opened.streams) stream.destroy()
    await wait(60_000)
    const after = memory()
    const rest = await readAll(deployment)
    await wait(60_000)
    return [
      { name: 'WebSocket burst: open', value: opened.streams.length, unit: 'clients', aim: `= ${CLIENTS}` },
      { name: 'WebSocket burst: last one open after', value: opened.ms, unit: 'ms', aim: '<= 5000' },
      { name: 'memory before the burst', value: before, unit: 'MB' },
      { name: 'memory during the burst', value: during, unit: 'MB' },
      { name: 'memory a minute after the burst', value: after, unit: 'MB' },
      {
        name: 'what is left of the burst, of the memory before',
        value: (after / before - 1) * 100,
        unit: '%',
        aim: '<= 10',
      },
      ...rest,
      { name: 'memory a minute after the REST clients', value: memory(), unit: 'MB' },
    ]
  })
}

/** Resident memory, from Linux. */
function megabytesOf(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

async function openAll({ webSocketUrl = '', api }: RunningDeployment) {
  const started = performance.now()
  const attempts = await Promise.all(Array.from({ length: CLIENTS }, () => openOne(webSocketUrl, api.key)))
  return { streams: attempts.filter((stream) => stream !== undefined), ms: performance.now() - started }
}

/** The connection of a client whose handshake is accepted in time. */
function openOne(url: string, key: string): Promise<Duplex | undefined> {
  return new Promise((resolve) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'x-api-key': key,
    }
    const asked = request(url.replace(/^ws/, 'http'), { headers, signal: AbortSignal.timeout(PATIENCE_MS) })
    asked.on('upgrade', (_response, stream) => resolve(stream))
    asked.on('response', (response) => {
      response.resume()
      resolve(undefined)
    })
    asked.on('error', () => resolve(undefined)).end()
  })
}

/** Each client asks for a wide range once. */
async function readAll({ api }: RunningDeployment): Promise<Figure[]> {
  const ask = async (): Promise<{ readonly status: number; readonly ms: number }> => {
    const started = performance.now()
    const answered = await fetch(`${api.url}/v1/bars?symbols=AAPL&limit=5000`, {
      headers: { 'x-api-key': api.key },
    })
    await answered.arrayBuffer()
    return { status: answered.status, ms: performance.now() - started }
  }
  const answers = await Promise.all(Array.from({ length: REST_CLIENTS }, ask))
  const served = answers
    .filter(({ status }) => status !== 429)
    .map(({ ms }) => ms)
    .toSorted((a, b) => a - b)
  return [
    { name: 'REST burst: served', value: served.length, unit: 'clients' },
    { name: 'REST burst: median', value: served[Math.floor(served.length / 2)] ?? 0, unit: 'ms' },
    {
      name: 'REST burst: not 200 or 429',
      value: answers.filter(({ status }) => status !== 200 && status !== 429).length,
      unit: 'answers',
      aim: '= 0',
    },
  ]
}
