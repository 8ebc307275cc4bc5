import { effect } from '@preact/signals'

import { readSymbols } from '../api/reads.ts'
import { messageOf, SignedOutError } from '../api/request.ts'
import { readAbilities } from './abilities.ts'
import { keepChartSettings } from './chart-settings.ts'
import { chart, followChart } from './chart.ts'
import { startClock } from './clock.ts'
import { health, startFeed } from './feed.ts'
import { fillUntouchedList, firstBars, keepLists, watched } from './lists.ts'
import { breadth, leaders, movers } from './market.ts'
import { notify } from './notices.ts'
import { readIssuerConfig } from './page-config.ts'
import { hasCookie } from './page-origin.ts'
import { followAddress, go, place, zone } from './place.ts'
import { rereadQuotes, startRefreshing } from './quotes.ts'
import { endSession, readSession } from './session.ts'
import { startTheme } from './theme.ts'

const SYMBOLS_EVERY_MS = 60_000
/** After a change, since at a first start more come soon. */
const CHANGED_SYMBOLS_AFTER_MS = 2_000
/** So long other requests wait for the first chart. */
const AT_LATEST_MS = 2_000

/** Starts all that the views show. Where a cookie says who is signed in, the first view has its place when this returns. */
export async function startPage(): Promise<void> {
  startTheme()
  startClock()
  // The browser has its cookie already: nothing waits for the answer.
  if (hasCookie()) void readSession().catch(failed)
  else if (!(await signedInAtIssuer())) return
  keepChartSettings()
  followAddress()
  keepLists()
  showFirst()
  // What is asked for first is answered first: the chart, then the list.
  followChart()
  startFeed()
  startRefreshing()
  followZone()
  await firstChart()
  health.use()
  await followSymbols()
  await attempt(readAbilities)
}

/** False when the browser leaves for the page of an issuer, or nobody could be signed in. */
async function signedInAtIssuer(): Promise<boolean> {
  try {
    const config = await readIssuerConfig()
    return await (await import('./oidc.ts')).beginSession(config)
  } catch (error) {
    failed(error)
    return false
  }
}

function failed(error: unknown): void {
  if (!(error instanceof SignedOutError)) notify('error', `Signing in failed. ${messageOf(error)}`)
  endSession()
}

/** Resolves once the chart that is shown first has been read or cannot be, where there is one; else what follows does not wait. */
async function firstChart(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = effect(() => {
    if (chart.value?.status.value.type !== 'loading') resolve()
  })
  setTimeout(resolve, AT_LATEST_MS)
  await promise
  stop()
}

/** Reads the symbols again and again, more seldom while they stay the same. */
async function followSymbols(afterMs = CHANGED_SYMBOLS_AFTER_MS): Promise<void> {
  const before = firstBars.peek()
  await attempt(readAllSymbols)
  const isSame = firstBars.peek() === before && before.size > 0
  const nextMs = isSame ? Math.min(afterMs * 2, SYMBOLS_EVERY_MS) : CHANGED_SYMBOLS_AFTER_MS
  setTimeout(() => void followSymbols(nextMs), nextMs)
}

async function readAllSymbols(): Promise<void> {
  const read = await readSymbols()
  if (read.size !== firstBars.peek().size) firstBars.value = read
  fillUntouchedList()
  showFirst()
}

/** Shows the first symbol of the list where the address names none; a list that was kept has it before all symbols are read. */
function showFirst(): void {
  const [first] = watched.value
  if (place.value.symbol === null && first !== undefined) go({ symbol: first })
}

function followZone(): void {
  let before = zone.value
  effect(() => {
    if (zone.value === before) return
    before = zone.value
    void rereadQuotes()
    for (const poll of [movers, breadth, leaders]) void poll.refresh()
  })
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof SignedOutError) endSession()
    else notify('error', messageOf(error))
  }
}
