import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'

import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { blockOf, readPage, ROOT } from '../docs/page.ts'
import { hasPythonFrom, installPythonPackage } from '../support/python-package.ts'
import { preparedData } from './support/data-folder.ts'
import { feedHistory } from './support/feed-history.ts'
import { waitFor } from './support/wait-for.ts'

const run = promisify(execFile)

const PACKAGES = {
  version: '3.1.1',
  home: fileURLToPath(new URL('../../.emulators/python-client', import.meta.url)),
  beside: [
    'pyarrow==26.0.1',
    'polars==2.1.0',
    'httpx==0.28.1',
    'websockets==17.4',
    'mypy==2.4.1',
    'pandas-stubs==3.1.0.261029',
    'setuptools==84.2.1',
  ],
}

const SYMBOLS = ['AAPL', 'MSFT', 'NVDA']

describe.skipIf(!hasPythonFrom(11))('Python (from 3.11 on)', () => {
  let data: string
  let deployment: Deployment
  let python: string
  let folder: string
  let environment: Readonly<Record<string, string>>

  beforeAll(async () => {
    data = await preparedData()
    deployment = await startDeployment({ data, durability: 'none' })
    await feedHistory(deployment, { symbols: SYMBOLS, minutes: 40 })
    python = await installPythonPackage('pandas', PACKAGES)
    folder = mkdtempSync(join(tmpdir(), 'tickstock-python-'))
    // An installation leaves files beside what it builds.
    cpSync(join(ROOT, 'clients/python'), join(folder, 'source'), { recursive: true })
    const target = join(folder, 'installed')
    const install = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--no-deps',
      '--no-build-isolation',
      '--target',
      target,
    ]
    await run(python, [...install, join(folder, 'source')])
    const { HOME = '', PATH = '' } = process.env
    const { url, key } = deployment.api
    environment = { HOME, PATH, PYTHONPATH: target, TICKSTOCK_URL: url, TICKSTOCK_KEY: key }
  }, 600_000)

  afterAll(async () => {
    await deployment.stop()
    rmSync(data, { recursive: true, force: true })
    rmSync(folder, { recursive: true, force: true })
  })

  const runs = async (program: string, more: Readonly<Record<string, string>> = {}): Promise<string> =>
    (await run(python, ['-W', 'error', '-c', program], { env: { ...environment, ...more } })).stdout

  const ask = async (program: string): Promise<unknown> =>
    JSON.parse(await runs(`import json, tickstock\nclient = tickstock.Client()\n${program}`))

  const get = async (path: string): Promise<Response> =>
    await fetch(`${deployment.api.url}${path}`, { headers: { 'x-api-key': deployment.api.key } })

  it('mypy has nothing against the client', async () => {
    const source = join(folder, 'source')
    const { stdout } = await run(python, ['-m', 'mypy', '--strict', 'src/tickstock'], {
      cwd: source,
      env: environment,
    })
    expect(stdout).toContain('Success: no issues found')
  })

  it('the client has the exact bars of the JSON, as objects, pandas, polars and Arrow', async () => {
    const schema = z.object({ bars: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))) })
    const { bars } = schema.parse(
      await (await get('/v1/bars?symbols=AAPL,MSFT&numbers=string&limit=10000')).json(),
    )
    const wanted = Object.entries(bars).flatMap(([symbol, list]) =>
      list.map(({ t, o, h, l, c, v, vw, notional }) => [symbol, t, o, h, l, c, v, vw, notional]),
    )
    expect(wanted.length).toBeGreaterThan(60)
    const found = await ask(`
from decimal import Decimal
NAMES = ["o", "h", "l", "c", "v", "vw", "notional"]
def text(value):
    return None if value is None else f"{value.normalize():f}"
def row(symbol, t, *values):
    return [symbol, t.strftime("%Y-%m-%dT%H:%M:%SZ"), *map(text, values)]
rows = client.bars(["AAPL", "MSFT"])
frame = rows.to_pandas(exact=True)
polars = rows.to_polars(exact=True)
table = rows.to_arrow()
print(json.dumps([
    [row(b.symbol, b.t, b.o, b.h, b.l, b.c, b.v, b.vw, b.notional) for b in rows],
    [row(*each) for each in frame[["symbol", "t", *NAMES]].itertuples(index=False)],
    [row(*each) for each in polars.select("symbol", "t", *NAMES).iter_rows()],
    [row(*each.values()) for each in table.select(["symbol", "t", *NAMES]).to_pylist()],
]))`)
    const [objects, ...frames] = z.array(z.unknown()).parse(found)
    expect(objects).toEqual(wanted.map((each) => each.map((cell) => trimmed(cell))))
    for (const frame of frames) expect(frame).toEqual(objects)
  })

  it('frames are of float64 without exact', async () => {
    expect(
      await ask(`
rows = client.bars("AAPL")
print(json.dumps([str(rows.to_pandas().c.dtype), str(rows.to_polars()["c"].dtype), str(rows.to_arrow(exact=False).schema.field("c").type), str(rows.to_pandas().t.dtype)]))`),
    ).toEqual(['float64', 'Float64', 'double', 'datetime64[us, UTC]'])
  })

  it('an error has the text of the API, and a client without a key says what is missing', async () => {
    const found = await ask(`
def error(of):
    try:
        of()
    except Exception as caught:
        return [type(caught).__name__, str(caught)]
print(json.dumps([
    error(lambda: list(client.bars("AAPL", timeframe="7Sec"))),
    error(lambda: tickstock.Client(key="A" * 40).latest("AAPL")),
    error(lambda: client.bars("", start="never").to_pandas()),
]))`)
    expect(found).toEqual([
      ['TickStockError', expect.stringMatching(/^400 A parameter is wrong: timeframe is "7Sec"; allowed: /)],
      ['TickStockError', expect.stringMatching(/^401 /)],
      [
        'TickStockError',
        expect.stringMatching(/^400 .*symbols is ""; allowed: .*; start is "never"; allowed: /),
      ],
    ])
    await expect(runs('import tickstock; tickstock.Client()', { TICKSTOCK_KEY: '' })).rejects.toThrow(
      'key is missing: give it to the client, or set TICKSTOCK_KEY',
    )
  })

  it('live records come over the WebSocket', async () => {
    const waiting = runs(`
import asyncio, tickstock
async def main():
    async with tickstock.AsyncClient() as client:
        async for record in client.live("${deployment.webSocketUrl}", ["LIVE"], types="bar"):
            return record
print(asyncio.run(asyncio.wait_for(main(), 60))["symbol"])`)
    const over = waiting.then(
      () => true,
      () => true,
    )
    // Until the client has subscribed, what is fed is not sent to it.
    await waitFor(async () => {
      await feedHistory(deployment, { symbols: ['LIVE'], minutes: 2 })
      return await Promise.race([over, setImmediate(false)])
    }, 'a live record')
    expect(await waiting).toBe('LIVE\n')
  })

  const samples = [
    ...['Read bars', 'Read frames', 'Read indicators, patterns, symbols', 'Use asyncio'].map((title) => [
      'docs/python.md',
      title,
    ]),
    ...['pandas', 'polars'].map((title) => ['docs/tools.md', title]),
  ] as const
  it.each(samples)('the program of %s, %s, runs as it stands there', async (page = '', title = '') => {
    expect(await runs(blockOf(readPage(page), title, 'python'))).toMatch(/AAPL|\d/)
  })

  it('the file and the query of docs/tools.md for DuckDB give bars', async () => {
    const page = readPage('docs/tools.md')
    await run('sh', ['-c', blockOf(page, 'DuckDB', 'sh')], { cwd: folder, env: environment })
    const [, sql = ''] = /```sql\n(SELECT.*?)```/s.exec(page) ?? []
    const connection = await (await DuckDBInstance.create()).connect()
    const read = await connection.runAndReadAll(sql.replace('bars.parquet', join(folder, 'bars.parquet')))
    connection.closeSync()
    expect(read.columnNames()).toEqual(['symbol', 'start', 'open', 'high', 'low', 'close', 'volume'])
    expect(new Set(read.getRowsJson().map(([symbol]) => symbol))).toEqual(new Set(['AAPL', 'MSFT']))
  })
})

function trimmed(cell: unknown): unknown {
  return typeof cell === 'string' && /^-?\d+\.\d+$/.test(cell) ? cell.replace(/\.?0+$/, '') : cell
}
