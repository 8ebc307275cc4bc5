import { setTimeout as wait } from 'node:timers/promises'

import type { Browser, BrowserContext, Page } from 'playwright-core'
import * as z from 'zod'

import type { RunningDeployment } from '../bin/stage/running-deployment.ts'
import { lacksBrowser, startBrowser } from '../test/support/browser.ts'
import type { Figure } from './measure.ts'
import { type PageHeap, readPageHeap } from './page-heap.ts'
import { withStarted } from './started.ts'

const SYMBOLS = 60
const UPDATES_PER_SECOND = 4
const VIEWS = 5
const CPU_SECONDS = 30
const SAMPLE_SECONDS = 30
/** What the page needs until its caches and the code of the browser have settled. */
const SETTLE_SECONDS = 60
/** A browser that took less of a processor than this is idle. */
const IDLE_SHARE = 0.1
const IDLE_SAMPLE_MS = 500

/**
 * The dashboard of a `tickstock start` of its own, in the browser that is installed: how long until its first view can be used, what
 * 60 symbols at 4 updates a second cost the browser, and whether its memory grows.
 *
 * @param minutes for which the memory is watched
 */
export async function benchWeb(minutes: number): Promise<Figure[]> {
  if (lacksBrowser('bench web')) return []
  const options = [
    '--symbols',
    String(SYMBOLS),
    '--interval',
    String(1 / UPDATES_PER_SECOND),
    '--history',
    '10',
  ]
  return await withStarted(options, async ({ deployment }) => {
    const symbols = await untilThere(deployment)
    const browser = await startBrowser()
    try {
      const context = await signedIn(browser, deployment, symbols)
      const views = await firstViews(browser, context, deployment)
      const page = await context.newPage()
      await open(page, deployment)
      await wait(SETTLE_SECONDS * 1000)
      return [...views, ...(await cpuOf(browser, page)), ...(await heapOf(page, minutes))]
    } finally {
      await browser.close()
    }
  })
}

const symbolsSchema = z.object({ symbols: z.array(z.object({ symbol: z.string() })) })

/** Resolves with the symbols once the history of all of them is there. */
async function untilThere({ api }: RunningDeployment): Promise<string[]> {
  for (;;) {
    const answer = await fetch(`${api.url}/v1/symbols`, { headers: { 'x-api-key': api.key } })
    const found = answer.ok ? symbolsSchema.parse(await answer.json()).symbols : []
    const health = await fetch(`${api.url}/v1/health`, { headers: { 'x-api-key': api.key } })
    if (found.length >= SYMBOLS && health.ok) return found.map(({ symbol }) => symbol)
    await wait(1000)
  }
}

/** A browser that has signed in once, with all symbols in its list. */
async function signedIn(
  browser: Browser,
  { dashboard }: RunningDeployment,
  symbols: readonly string[],
): Promise<BrowserContext> {
  if (dashboard === undefined) throw new Error('tickstock start has no dashboard')
  const answer = await fetch(`${dashboard.url}/sign-in-addresses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${dashboard.secret}` },
  })
  const { address } = z.object({ address: z.url() }).parse(await answer.json())
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const lists = JSON.stringify({ lists: [{ name: 'Bench', symbols }], shown: 0 })
  await context.addInitScript(`localStorage.setItem('tickstock.watchlists', ${JSON.stringify(lists)})`)
  const page = await context.newPage()
  await page.goto(address)
  await page.close()
  return context
}

/** On a machine that is busy otherwise, figures are bad rather than none. */
const PATIENCE_MS = 180_000

/** Opens the page; resolves when the chart is drawn and says the values of its last bar, and the list has prices. */
async function open(page: Page, { dashboard }: RunningDeployment): Promise<void> {
  page.setDefaultTimeout(PATIENCE_MS)
  await page.goto(`${dashboard?.url ?? ''}/`)
  await Promise.all([
    page.locator('.legend .value').first().waitFor(),
    page.locator('.canvas canvas').first().waitFor(),
    page.locator('.quote .last').filter({ hasText: /\d/ }).first().waitFor(),
  ])
}

/** Each in a browser session without a cache, in a window that is open: a browser builds that from hundreds of files of its own. */
async function firstViews(
  browser: Browser,
  signedInContext: BrowserContext,
  deployment: RunningDeployment,
): Promise<Figure[]> {
  const times: number[] = []
  for (let view = 0; view < VIEWS; view++) {
    const context = await browser.newContext({ storageState: await signedInContext.storageState() })
    const page = await context.newPage()
    await untilIdle(browser)
    const started = performance.now()
    await open(page, deployment)
    times.push(performance.now() - started)
    await context.close()
  }
  const sorted = times.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  return [
    { name: 'first view can be used after, median of 5', value: median / 1000, unit: 's', aim: '<= 1.5' },
    { name: 'first view can be used after, slowest of 5', value: (sorted.at(-1) ?? 0) / 1000, unit: 's' },
  ]
}

const processesSchema = z.object({ processInfo: z.array(z.object({ cpuTime: z.number() })) })

/** Gives the seconds that all processes of the browser have had a processor. */
async function processorTime(browser: Browser): Promise<() => Promise<number>> {
  const session = await browser.newBrowserCDPSession()
  return async () => {
    const { processInfo } = processesSchema.parse(await session.send('SystemInfo.getProcessInfo'))
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0)
  }
}

/** Resolves once the browser has nothing to do. */
async function untilIdle(browser: Browser): Promise<void> {
  const cpu = await processorTime(browser)
  for (let before = await cpu(); ;) {
    await wait(IDLE_SAMPLE_MS)
    const now = await cpu()
    if ((now - before) * 1000 < IDLE_SAMPLE_MS * IDLE_SHARE) return
    before = now
  }
}

/** Processor time of all processes of the browser, and what it received meanwhile. */
async function cpuOf(browser: Browser, page: Page): Promise<Figure[]> {
  const cpu = await processorTime(browser)
  const network = await page.context().newCDPSession(page)
  let updates = 0
  network.on('Network.webSocketFrameReceived', ({ response }) => {
    updates += response.payloadData.split('"type":"ticks"').length - 1
  })
  await network.send('Network.enable')
  const [before, started] = [await cpu(), performance.now()]
  updates = 0
  await wait(CPU_SECONDS * 1000)
  const seconds = (performance.now() - started) / 1000
  const share = ((await cpu()) - before) / seconds
  await network.detach()
  return [
    {
      name: `live updates of the page, of ${SYMBOLS * UPDATES_PER_SECOND} trades/s`,
      value: updates / seconds,
      unit: 'updates/s',
    },
    { name: 'browser, all of its processes', value: share * 100, unit: '% core', aim: '<= 20' },
  ]
}

/** What is left of the heap of the page after a collection. */
async function heapOf(page: Page, minutes: number): Promise<Figure[]> {
  const session = await page.context().newCDPSession(page)
  const samples: PageHeap[] = []
  const end = performance.now() + minutes * 60_000
  do {
    samples.push(await readPageHeap(session))
    await wait(SAMPLE_SECONDS * 1000)
  } while (performance.now() < end)
  const part = Math.max(1, Math.floor(samples.length / 5))
  const megabytes = (some: readonly PageHeap[], of: keyof PageHeap): number =>
    mean(some.map((sample) => sample[of])) / 1e6
  const [first, last] = [samples.slice(0, part), samples.slice(-part)]
  const grown = (megabytes(last, 'objects') / megabytes(first, 'objects') - 1) * 100
  return [
    {
      name: `page, objects in the first fifth of ${minutes} minutes`,
      value: megabytes(first, 'objects'),
      unit: 'MB',
    },
    { name: 'page, objects in the last fifth', value: megabytes(last, 'objects'), unit: 'MB' },
    { name: 'page, objects grown by', value: grown, unit: '%', aim: '<= 10' },
    { name: 'page, code compiled in the first fifth', value: megabytes(first, 'code'), unit: 'MB' },
    { name: 'page, code compiled in the last fifth', value: megabytes(last, 'code'), unit: 'MB' },
  ]
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
