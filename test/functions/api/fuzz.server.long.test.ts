import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { hasPython, installPythonPackage } from '../../support/python-package.ts'
import { PROBLEM_TYPE } from '../../../functions/api/http/problem.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, NOW, startApi } from './harness.ts'

const HOME = fileURLToPath(new URL('../../../.emulators/schemathesis', import.meta.url))
const VERSION = '4.32.5'

/**
 * Left out: `positive_data_acceptance`, since no schema can say that a page token is one of ours or that start is not
 * after end.
 */
const LEFT_OUT = 'positive_data_acceptance'
const KEY = 'the-key-of-this-test'

let api: ApiHarness
let server: Server
let url: string

beforeAll(async () => {
  api = await startApi()
  const minutes = Array.from({ length: 30 }, (_, index) =>
    new Date(NOW - index * 60_000).toISOString().replace('.000Z', 'Z'),
  )
  await api.write(
    ['AAPL', 'MSFT', 'BTC/USD'].flatMap((symbol) => minutes.map((timestamp) => bar({ symbol, timestamp }))),
  )
  await api.write(minutes.slice(0, 10).map((timestamp) => bar({ timestamp, revision: 2, close: '150.2' })))
  await api.server.as('app_readwrite', async (client) => {
    await client.query(
      `INSERT INTO indicator_values (symbol, timestamp, timeframe, revision, indicators, calculation_timestamp)
       SELECT symbol, timestamp, '1Min', 1, '{"sma_20": 150.25, "rsi_14": 61.50123456}', timestamp + interval '1 minute'
       FROM ohlcv_1min`,
    )
    await client.query(
      `INSERT INTO intraday_patterns (symbol, pattern_type, confidence, detection_timestamp, timestamp, timeframe, revision,
         direction, strength, pattern_data)
       SELECT symbol, type, 0.875, timestamp + interval '1 minute', timestamp, '1Min', 1, 'bullish', 80,
         '{"candles": [{"open": 150.25}], "margins": {"body": 0.5}}'
       FROM ohlcv_1min, unnest('{doji,hammer}'::text[]) AS type`,
    )
  })
  server = createServer((request, response) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    // API Gateway's part.
    if (headers['x-api-key'] !== KEY && request.url !== '/v1/openapi.json') {
      response.writeHead(401, { 'content-type': PROBLEM_TYPE })
      response.end(JSON.stringify({ type: 'urn:tickstock:bad-key', title: '', status: 401, detail: '' }))
      return
    }
    void api.send(request.method ?? 'GET', request.url ?? '/', headers).then((answer) => {
      response.writeHead(answer.status, answer.headers)
      response.end(answer.bytes)
    })
  })
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})

afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await api.close()
})

it.runIf(hasPython)(
  'Schemathesis finds no 5xx and no answer that the OpenAPI document does not allow',
  { timeout: 300_000 },
  async () => {
    const python = await installPythonPackage('schemathesis', { version: VERSION, home: HOME })
    const { code, output } = await run(python, [
      '-m',
      'schemathesis.cli',
      'run',
      `${url}/v1/openapi.json`,
      '--url',
      url,
      '--header',
      `x-api-key: ${KEY}`,
      // The parts jobs and alerter answer those.
      '--exclude-path-regex',
      '^/v1/(jobs|alerts)',
      '--checks',
      'all',
      '--exclude-checks',
      LEFT_OUT,
      '--phases',
      'examples,coverage,fuzzing',
      '--max-examples',
      '40',
      '--continue-on-failure',
      '--warnings',
      'off',
      '--no-color',
    ])
    expect(output).not.toMatch(/FAILURES|ERRORS/)
    expect(output).toMatch(/Tested: +14/)
    expect(code).toBe(0)
    expect(api.errors).toEqual([])
  },
)

function run(program: string, given: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, given, { cwd: HOME, maxBuffer: 1e8 }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? 1, output: `${stdout}${stderr}` }),
    )
  })
}
