import { rmSync } from 'node:fs'

import * as z from 'zod'

import { readRunning, type RunningDeployment } from '../../../bin/stage/running-deployment.ts'
import { prepareData, temporaryFolder } from './data-folder.ts'
import { startUntil } from './start-in.ts'
import { waitFor } from './wait-for.ts'

/** Three symbols by so many minutes are more than the 10,000 bars of a page. */
const MINUTES = 3400

const barSchema = z.object({
  t: z.string(),
  o: z.number(),
  h: z.number(),
  l: z.number(),
  c: z.number(),
  v: z.number(),
  n: z.number(),
  vw: z.number(),
})
const pageSchema = z.object({
  bars: z.record(z.string(), z.array(barSchema)),
  next_page_token: z.string().nullable(),
})

/** A bar as `/v1` has it, without what only this API has. */
export type PlainBar = z.infer<typeof barSchema>

/** `npm start` with two days of bars, and those of them that come no more. */
export type History = {
  readonly api: RunningDeployment['api']
  readonly running: RunningDeployment
  /** From where to where they are. */
  readonly span: { readonly start: string; readonly end: string }
  /** By symbol. */
  readonly bars: Readonly<Record<string, readonly PlainBar[]>>
  readonly stop: () => Promise<void>
}

export async function startWithHistory(): Promise<History> {
  const folder = temporaryFolder()
  await prepareData(folder)
  const options = ['--history', String(MINUTES), '--interval', '60']
  const started = await startUntil('\nhistory ', folder, options)
  const isUp = () => started.printed().includes('\nstop ') || started.child.exitCode !== null
  await waitFor(() => isUp() || /\nhistory [5-9]\d %/.test(started.printed()), 'half of the history')
  await waitFor(isUp, 'the whole history')
  const running = readRunning(folder)
  if (running.type !== 'running') throw new Error(`npm start does not run: ${started.printed()}`)
  const { api } = running.deployment
  const now = Math.floor(Date.now() / 60_000) * 60_000
  const span = {
    start: new Date(now - (MINUTES + 60) * 60_000).toISOString(),
    end: new Date(now - 15 * 60_000).toISOString(),
  }
  const get = (path: string): Promise<Response> =>
    fetch(`${api.url}${path}`, { headers: { 'x-api-key': api.key } })
  // A function that has not run yet may take longer than API Gateway waits, where the machine has much to do.
  await waitFor(async () => (await get('/v1/bars/latest?symbols=AAPL')).ok, 'the API')
  const bars: Record<string, PlainBar[]> = {}
  const path = `/v1/bars?symbols=AAPL,MSFT,NVDA&start=${span.start}&end=${span.end}&limit=10000`
  for (let token: string | null = ''; token !== null;) {
    const answer = await get(`${path}${token === '' ? '' : `&page_token=${token}`}`)
    const page = pageSchema.parse(await answer.json())
    for (const [symbol, list] of Object.entries(page.bars)) (bars[symbol] ??= []).push(...list)
    token = page.next_page_token
  }
  return {
    api,
    running: running.deployment,
    span,
    bars,
    stop: async () => {
      await started.interrupt()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
