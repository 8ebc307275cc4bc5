import { readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'

import type { Browser, Page, WebSocketRoute } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'

import { ensureBuilt } from '../../bin/dashboard/build.ts'
import { embeddedBackend } from '../../bin/dashboard/embedded-backend.ts'
import { type Dashboard, startDashboard } from '../../bin/dashboard/server.ts'
import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { FigureReader } from '../../bin/embedded/figures.ts'
import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { createPublisher } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import { lacksBrowser, startBrowser } from '../support/browser.ts'
import { preparedData } from './support/data-folder.ts'
import { feedHistory } from './support/feed-history.ts'
import { waitFor } from './support/wait-for.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const HOSTILE = '<img src=x onerror="document.title=`hacked`">'

let data: string
let deployment: Deployment
let dashboard: Dashboard
let browser: Browser
let page: Page
const faults: string[] = []
/** The page's WebSocket; none is let through while it is down. */
let socket: WebSocketRoute | undefined
let isDown = false

const number = z.coerce.number()
const barSchema = z.object({
  t: z.string(),
  o: number,
  h: number,
  l: number,
  c: number,
  v: number,
  n: number,
  vw: number,
  rev: number,
})
type Bar = z.output<typeof barSchema>

/** The newest bar, as the API has it. */
async function newestBar(symbol: string, more = ''): Promise<Bar> {
  const { url, key } = deployment.api
  const headers = { 'x-api-key': key }
  const answer = await fetch(`${url}/v1/bars/${symbol}?limit=1&sort=desc${more}`, { headers })
  const [bar] = z.object({ bars: z.array(barSchema) }).parse(await answer.json()).bars
  if (bar === undefined) throw new Error(`the API has no bar of ${symbol}`)
  return bar
}

/** Puts trades from that second on; nothing is closed. */
async function trade(symbol: string, second: number, prices: readonly string[]): Promise<void> {
  const publisher = createPublisher({
    kinesis: kinesisPort(createKinesisClient(deployment.runtime.environment)),
    stream: deployment.ticksStream,
    source: `test ${prices.join(' ')}`,
  })
  const source = prices.map((price, index) => ({
    symbol,
    price,
    volume: '2',
    timestamp: String(second + index / 10),
  }))
  await runFeed({ source, publisher, pace: 'full-speed' })
  await publisher.close()
}

/** What the legend of the chart says: each value by its name. */
async function legend(): Promise<Readonly<Record<string, number>>> {
  const values = await page.locator('.legend .value').allInnerTexts()
  return Object.fromEntries(
    values.flatMap((text) => {
      const [, name, value] = /^(O|H|L|C|V|n|VWAP|rev)\s+([\d.,]+)$/.exec(text.trim()) ?? []
      return name === undefined || value === undefined ? [] : [[name, Number(value.replaceAll(',', ''))]]
    }),
  )
}

const asLegend = ({ o, h, l, c, v, n, vw, rev }: Bar) => ({ O: o, H: h, L: l, C: c, V: v, n, VWAP: vw, rev })
const minuteOf = ({ t }: Bar) => Date.parse(t) / 1000

/** Of the whole document: more than the window where that scrolls. */
const sizeOf = (shown: Page) =>
  shown.evaluate<{ width: number; height: number }>(
    '({ width: document.documentElement.scrollWidth, height: document.documentElement.scrollHeight })',
  )

const minuteNow = () => Math.floor(Date.now() / 60_000) * 60
const go = (hash: string) => page.evaluate<void>(`location.hash = ${JSON.stringify(hash)}`)
const expectLive = () => page.locator('.statuses').getByText('Live', { exact: true }).waitFor()

describe.skipIf(lacksBrowser('the dashboard in a browser'))('the dashboard in a browser', () => {
  beforeAll(async () => {
    data = await preparedData()
    const figures = new FigureReader()
    dashboard = await startDashboard({
      port: 0,
      pages: ensureBuilt(),
      onError: (error) => faults.push(String(error)),
    })
    deployment = await startDeployment({
      data,
      durability: 'none',
      onLog: ({ text }) => void figures.read(text),
    })
    dashboard.show(embeddedBackend(deployment, { data, figures }))
    await feedHistory(deployment, { symbols: ['AAPL', 'LIVE', 'MSFT'], minutes: 20 })
    browser = await startBrowser()
    page = await (await browser.newContext()).newPage()
    page.on('pageerror', (error) => faults.push(error.message))
    await page.routeWebSocket(/\/live$/, (route) => {
      if (isDown) void route.close({ code: 1013, reason: 'down' })
      else {
        socket = route
        route.connectToServer()
      }
    })
  })

  afterAll(async () => {
    await browser.close()
    await dashboard.stop()
    await deployment.stop()
    rmSync(data, { recursive: true, force: true })
  })

  it('signs in by the address that was printed, once', async () => {
    const address = dashboard.newAddress()
    await page.goto(address)
    await expectLive()
    expect(page.url()).not.toContain('key=')
    const other = await browser.newContext()
    onTestFinished(() => other.close())
    const again = await (await other.newPage()).goto(address)
    expect(again?.status()).toBeGreaterThanOrEqual(400)
  })

  it('lists what trades at its last price, and finds a symbol by keys', async () => {
    const { c: close } = await newestBar('MSFT')
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'MSFT', exact: true }) })
    await row.getByText(String(close), { exact: false }).first().waitFor()
    await row.locator('.sparkline[src^="data:image/png"]').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('msf')
    await page.keyboard.press('Enter')
    await page.waitForURL(/symbol=MSFT/)
    expect(await row.getByRole('link').getAttribute('aria-current')).toBe('true')
  })

  it('asks the API for the bars of the chart and the last prices before all else, and once', async () => {
    await page.reload()
    // Of a request that is preloaded, Playwright says nothing.
    const asked = () =>
      page.evaluate<string[]>(
        `performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/v1/'))`,
      )
    const isLast = (address: string) => address.endsWith('/v1/openapi.json')
    await waitFor(async () => (await asked()).some(isLast), 'what is asked for last')
    const all = await asked()
    const first = all.slice(0, 2).map((address) => new URL(address).pathname)
    expect(first.toSorted()).toEqual(['/v1/bars/MSFT', '/v1/bars/latest'])
    expect(all.filter((address, place) => all.indexOf(address) < place)).toEqual([])
  })

  it('lets a candle form, and close with the values of the API', async () => {
    await go('/chart?symbol=LIVE')
    await page.locator('.legend .value').first().waitFor()
    await expectLive()
    await waitFor(() => new Date().getSeconds() < 30, 'a minute with time left')
    const minute = minuteNow()
    await trade('LIVE', minute, ['200', '220', '190', '210'])
    await page
      .locator('.legend')
      .getByText(/^forming/)
      .waitFor()
    await waitFor(async () => (await legend())['C'] === 210, 'the forming candle')
    expect(await legend()).toMatchObject({ H: 220, L: 190, C: 210 })
    await deployment.flush()
    await page
      .locator('.legend')
      .getByText(/^forming/)
      .waitFor({ state: 'detached' })
    const bar = await newestBar('LIVE')
    expect(minuteOf(bar)).toBe(minute)
    await waitFor(async () => (await legend())['rev'] === bar.rev, 'the closed bar')
    expect(await legend()).toEqual(asLegend(bar))
  })

  it('shows a correction as it arrives, with before and after', async () => {
    const before = await newestBar('LIVE')
    await trade('LIVE', minuteOf(before) + 5, ['250'])
    await deployment.flush()
    const after = await newestBar('LIVE')
    expect(after.rev).toBe(before.rev + 1)
    await waitFor(async () => (await legend())['rev'] === after.rev, 'the revision')
    expect(await legend()).toEqual(asLegend(after))
    await page.locator('.legend .is-correction').getByText('220 → 250', { exact: false }).waitFor()
  })

  it('says that the connection is lost, and fills the gap when it is back', async () => {
    await go('/chart?symbol=LIVE')
    await page.locator('.legend .value').first().waitFor()
    await expectLive()
    isDown = true
    await socket?.close({ code: 1001, reason: 'gone' })
    await page.getByText(/^Connection lost since/).waitFor()
    const second = Math.max(Math.floor(Date.now() / 1000), minuteOf(await newestBar('LIVE')) + 10)
    await trade('LIVE', second, ['300', '310'])
    await deployment.flush()
    expect((await legend())['C']).not.toBe(310)
    isDown = false
    await page
      .getByText(/The connection was lost for .* Read over REST/)
      .first()
      .waitFor({ timeout: 60_000 })
    await expectLive()
    await waitFor(async () => (await legend())['C'] === 310, 'the bar of the gap')
    expect(await legend()).toEqual(asLegend(await newestBar('LIVE')))
  })

  it('shows the chart as it was known at a time', async () => {
    await go('/chart?symbol=MSFT')
    await waitFor(async () => (await legend())['rev'] === 1, 'the chart')
    // The API answers for times of at least a minute ago.
    const asof = new Date().toISOString()
    await trade('MSFT', minuteOf(await newestBar('MSFT')) + 59, ['9999'])
    await deployment.flush()
    await waitFor(async () => (await legend())['H'] === 9999, 'the correction')
    await waitFor(() => Date.now() > Date.parse(asof) + 61_000, 'a minute later')
    await go(`/chart?symbol=MSFT&asof=${asof}`)
    await page.getByText('Not live.').waitFor()
    const known = await newestBar('MSFT', `&asof=${asof}`)
    expect(known.rev).toBe(1)
    await waitFor(async () => (await legend())['rev'] === 1, 'the bar as of then')
    expect(await legend()).toEqual(asLegend(known))
    await page.getByRole('button', { name: 'Back to live' }).click()
    await waitFor(async () => (await legend())['H'] === 9999, 'the bar as it is')
  })

  it('redrives a dead letter for an operator, who is asked once more, and records it', async () => {
    await trade('BAD', minuteNow(), ['-1'])
    await deployment.settle()
    await go('/system')
    const letter = page.locator('.letter').filter({ hasText: 'bad-price' })
    await letter.first().waitFor()
    await letter.first().getByRole('button', { name: 'Redrive' }).click()
    const dialog = page.getByRole('dialog', { name: 'Redrive a dead letter' })
    await dialog.getByRole('button', { name: 'Redrive' }).click()
    await page
      .getByText(/put back on the stream\.$/)
      .first()
      .waitFor()
    const record = page
      .getByRole('region', { name: 'Record of actions' })
      .getByText(/^dead letter redriven: /)
    await record.first().waitFor()
    expect(await record.count()).toBe(1)
  })

  it('shows what is hostile as text', async () => {
    const publisher = kinesisPort(createKinesisClient(deployment.runtime.environment))
    await publisher.putRecords(deployment.ticksStream, [{ partitionKey: 'x', data: Buffer.from(HOSTILE) }])
    await deployment.settle()
    await page.locator('.letter').filter({ hasText: 'not-json' }).first().waitFor()
    await page.locator('.letter').filter({ hasText: 'not-json' }).first().getByText('Payload').click()
    await page.getByText(HOSTILE).first().waitFor()
    expect(await page.title()).not.toBe('hacked')
  })

  it.each([
    ['chart', 1280],
    ['market', 1280],
    ['system', 1280],
    ['api', 1280],
    ['watchlist', 390],
    ['chart', 390],
    ['market', 390],
    ['system', 390],
    ['api', 390],
  ])(
    'the view %s of %i pixels has no serious fault of accessibility, dark or light, and fits',
    async (view, width) => {
      await page.setViewportSize({ width, height: 800 })
      await go(`/${view}?symbol=MSFT`)
      if (view === 'api') await page.getByRole('form').waitFor()
      for (const theme of ['first', 'other']) {
        await page.evaluate<void>(AXE)
        const found = await page.evaluate<unknown>(
          `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
        )
        expect([theme, found]).toEqual([theme, []])
        expect(await sizeOf(page)).toEqual({ width, height: 800 })
        await page.keyboard.press('d')
      }
    },
  )

  it('tries requests out as who is signed in, and as a program whose key is typed in', async () => {
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.goto(`${dashboard.url}/docs`)
    await page.getByRole('heading', { name: 'REST API' }).waitFor()
    await page.getByRole('navigation', { name: 'Operations' }).getByText('Bars of one symbol').click()
    const form = page.getByRole('form', { name: 'Request: Bars of one symbol' })
    await form.getByRole('textbox', { name: 'symbol' }).fill('LIVE')
    await form.getByRole('combobox', { name: 'sort' }).selectOption('desc')
    await form.getByRole('textbox', { name: 'limit' }).fill('1')
    await form.getByRole('button', { name: 'Send' }).click()
    const answer = page.getByRole('region', { name: 'Answer', exact: true })
    await answer.getByText('200', { exact: true }).waitFor()
    const body = z.object({ bars: z.array(barSchema) })
    const shown = async () =>
      body.parse(JSON.parse(await answer.locator('.answer-body').innerText())).bars.map(asLegend)
    expect(await shown()).toEqual([asLegend(await newestBar('LIVE'))])
    const command = await form.locator('.command pre').innerText()
    expect(command).toBe(`curl -H "x-api-key: $KEY" '${deployment.api.url}/v1/bars/LIVE?sort=desc&limit=1'`)
    await page.getByLabel('API key').fill('x'.repeat(40))
    await form.getByRole('button', { name: 'Send' }).click()
    await answer.getByText('urn:tickstock:bad-key').waitFor()
    await page.getByLabel('API key').fill(deployment.api.key)
    await form.getByRole('button', { name: 'Send' }).click()
    await answer.getByText('200', { exact: true }).waitFor()
    await page.getByLabel('API key').fill('')
  })

  it('asks once more before it sends what changes something', async () => {
    await go('/api?operation=post+/v1/jobs')
    const form = page.getByRole('form', { name: 'Request: Submit a job' })
    await form.getByRole('textbox', { name: 'body' }).fill('{"symbols": "LIVE"}')
    await form.getByRole('button', { name: 'Send' }).click()
    const dialog = page.getByRole('dialog', { name: 'Submit a job' })
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect(await page.getByRole('region', { name: 'Answer', exact: true }).innerText()).toBe('')
    await form.getByRole('button', { name: 'Send' }).click()
    await dialog.getByRole('button', { name: 'Send' }).click()
    await page
      .getByRole('region', { name: 'Answer', exact: true })
      .getByText('urn:tickstock:bad-job')
      .waitFor()
  })

  it('has a description of the API for who cannot sign in, which fits a phone', async () => {
    const docs = await page.context().newPage()
    onTestFinished(() => docs.close())
    await docs.setViewportSize({ width: 390, height: 800 })
    await docs.goto(`${deployment.api.url}/docs`)
    await docs.getByRole('heading', { name: 'TickStock API' }).waitFor()
    expect((await sizeOf(docs)).width).toBe(390)
  })

  it('has had no error of its own meanwhile', () => {
    expect(faults).toEqual([])
  })
})
