import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'

import { readRunning, RUNNING_FILE, type RunningDeployment } from '../../bin/stage/running-deployment.ts'
import { prepareData, temporaryFolder } from './support/data-folder.ts'
import { type Started, startIn } from './support/start-in.ts'
import { waitFor } from './support/wait-for.ts'

const COMMAND_LINE = fileURLToPath(new URL('../../bin/tickstock.mjs', import.meta.url))
const { PATH = '', HOME = '' } = process.env

let folder: string
let started: Started
let running: RunningDeployment
const clients = new Set<Client>()

beforeAll(async () => {
  folder = temporaryFolder()
  await prepareData(folder)
  started = await startIn(folder, '--history', '300', '--interval', '20')
  const found = readRunning(folder)
  if (found.type !== 'running') throw new Error(`npm start does not run: ${started.printed()}`)
  running = found.deployment
  await waitFor(async () => (await csv('/v1/bars/latest?symbols=AAPL')).includes('AAPL'), 'the API')
})

afterAll(async () => {
  for (const client of clients) await client.close()
  await started.interrupt()
  rmSync(folder, { recursive: true, force: true })
})

async function connect(...options: readonly string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  clients.add(client)
  const args = [COMMAND_LINE, 'mcp', ...options]
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env: { PATH, HOME } }))
  return client
}

const resultSchema = z.object({
  content: z.tuple([z.object({ type: z.literal('text'), text: z.string() })]),
  isError: z.boolean().default(false),
})

async function call(client: Client, name: string, given: Readonly<Record<string, unknown>> = {}) {
  const { content, isError } = resultSchema.parse(await client.callTool({ name, arguments: given }))
  return { text: content[0].text, isError }
}

async function csv(path: string): Promise<string> {
  const headers = { 'x-api-key': running.api.key, accept: 'text/csv' }
  return (await (await fetch(`${running.api.url}${path}`, { headers })).text())
    .replaceAll('\r\n', '\n')
    .trimEnd()
}

it('offers tools that read, and says so', async () => {
  const client = await connect('--data', folder)
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toContain('bars')
  expect(tools.filter(({ annotations }) => annotations?.readOnlyHint !== true)).toEqual([])
  expect(tools.find(({ name }) => name === 'bars')?.inputSchema).toMatchObject({
    required: expect.arrayContaining(['symbols']),
    properties: { symbols: { type: 'array', maxItems: 100 }, limit: { type: 'integer', maximum: 1000 } },
  })
  expect(client.getInstructions()).toContain('read only')
})

it('answers with what the REST API has', async () => {
  const client = await connect('--data', folder)
  const end = new Date(Date.now() - 10 * 60_000).toISOString()
  const asked = { symbols: ['AAPL', 'MSFT'], timeframe: '5Min', end }
  const bars = await call(client, 'bars', asked)
  const direct = await csv(`/v1/bars?symbols=AAPL,MSFT&timeframe=5Min&sort=asc&limit=100&end=${end}`)
  const [rows = '', more = ''] = bars.text.split('\n(There is more')
  expect([rows, bars.isError]).toEqual([direct, false])
  expect(more).toContain('page_token')
  const answers = await Promise.all([
    call(client, 'latest_bars', { symbols: ['AAPL'] }),
    call(client, 'bar_revisions', { symbol: 'AAPL' }),
    call(client, 'indicators', { symbol: 'AAPL', names: ['sma_5'] }),
    call(client, 'latest_indicators', { symbols: ['AAPL'] }),
    call(client, 'patterns', { min_confidence: 0.5 }),
    call(client, 'symbols'),
    call(client, 'movers', { top: 1 }),
    call(client, 'quality', { symbols: ['AAPL'] }),
    call(client, 'health'),
    call(client, 'stats'),
  ])
  expect(answers.filter(({ isError }) => isError)).toEqual([])
  const [latest, , indicators, , patterns, symbols, , quality, health] = answers.map(({ text }) => text)
  expect(latest).toMatch(/^symbol,t,o.*\nAAPL,/)
  expect(indicators).toMatch(/^symbol,t,sma_5/)
  expect(patterns).toMatch(/^symbol,/)
  expect(symbols).toMatch(/\nAAPL,.*\nMSFT,.*\nNVDA,/)
  expect(quality).toMatch(/\nAAPL,/)
  expect(health).toContain('"status":')
})

it('makes pages shorter that would be too long, and continues where they end', async () => {
  const client = await connect('--data', folder)
  const end = new Date(Date.now() - 10 * 60_000).toISOString()
  const rows: string[] = []
  let token: string | undefined
  let pages = 0
  do {
    const given = { symbol: 'AAPL', end, limit: 1000, ...(token !== undefined && { page_token: token }) }
    const { text } = await call(client, 'indicators', given)
    expect(text.length).toBeLessThan(41_000)
    const [table = '', more = ''] = text.split('\n(There is more')
    rows.push(...table.split('\n').slice(1))
    token = /page_token (\S+),/.exec(more)?.[1]
    pages++
  } while (token !== undefined)
  const direct = await csv(`/v1/indicators/AAPL?form=wide&limit=10000&end=${end}`)
  expect(pages).toBeGreaterThan(2)
  expect(rows).toEqual(direct.split('\n').slice(1))
})

it('tells what was wrong, and stays', async () => {
  const client = await connect('--data', folder)
  expect(await call(client, 'bars', { symbols: ['AAPL'], timeframe: '70Min' })).toMatchObject({
    isError: true,
    text: expect.stringMatching(/timeframe is "70Min"/),
  })
  expect(await call(client, 'bars', { symbols: [] })).toMatchObject({ isError: true })
  expect((await call(client, 'health')).isError).toBe(false)
  const refused = await connect('--api', running.api.url, '--key', 'A'.repeat(40))
  expect(await call(refused, 'symbols')).toMatchObject({
    isError: true,
    text: expect.stringContaining('key'),
  })
})

it('finds a deployment by its endpoint, too', async () => {
  const client = await connect('--endpoint', running.endpoint)
  expect(await call(client, 'latest_bars', { symbols: ['AAPL'] })).toMatchObject({
    isError: false,
    text: expect.stringContaining('AAPL,'),
  })
})

it('tells where nothing runs, and finds what is started later', async () => {
  const elsewhere = temporaryFolder()
  const client = await connect('--data', elsewhere)
  expect(await call(client, 'health')).toMatchObject({
    isError: true,
    text: expect.stringContaining('start one with npm start'),
  })
  copyFileSync(join(folder, RUNNING_FILE), join(elsewhere, RUNNING_FILE))
  expect(await call(client, 'symbols')).toMatchObject({ isError: false })
  rmSync(elsewhere, { recursive: true, force: true })
})
