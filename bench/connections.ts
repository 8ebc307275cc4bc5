import { spawn } from 'node:child_process'
import { readFileSync, rmSync, mkdtempSync } from 'node:fs'
import { once } from 'node:events'
import { request } from 'node:http'
import type { Duplex } from 'node:stream'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { freePort } from 'embedded-aws/testing'

import { readRunning, type RunningDeployment } from '../bin/stage/running-deployment.ts'
import type { Figure } from './measure.ts'

const COMMAND_LINE = fileURLToPath(new URL('../bin/tickstock.ts', import.meta.url))
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
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-bench-'))
  const port = await freePort()
  const options = ['start', '--port', String(port), '--data', folder, '--symbols', '3']
  const child = spawn(process.execPath, [COMMAND_LINE, ...options], { stdio: 'ignore' })
  try {
    const deployment = await untilRunning(folder)
    const memory = (): number => megabytesOf(child.pid ?? 0)
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
      { name: 'WebSocket burst: open', value: opened.streams.length, unit: 'clients', aim: String(CLIENTS) },
      { name: 'WebSocket burst: last one open after', value: opened.ms, unit: 'ms', aim: '<= 5000' },
      { name: 'memory before the burst', value: before, unit: 'MB' },
      { name: 'memory during the burst', value: during, unit: 'MB' },
      {
        name: 'memory a minute after the burst',
        value: after,
        unit: 'MB',
        aim: `<= ${Math.round(before * 1.1)}`,
      },
      ...rest,
      { name: 'memory a minute after the REST clients', value: memory(), unit: 'MB' },
    ]
  } finally {
    const exited = once(child, 'exit')
    child.kill('SIGINT')
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
}

async function untilRunning(folder: string): Promise<RunningDeployment> {
  for (;;) {
    const file = readRunning(folder)
    if (file.type === 'running') return file.deployment
    await wait(200)
  }
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
      aim: '0',
    },
  ]
}
