import { effect } from '@preact/signals'

import { readSymbols } from '../api/reads.ts'
import { messageOf, SignedOutError } from '../api/request.ts'
import { readAbilities } from './abilities.ts'
import { keepChartSettings } from './chart-settings.ts'
import { followChart } from './chart.ts'
import { startClock } from './clock.ts'
import { startFeed } from './feed.ts'
import { allSymbols, firstBars, keepLists, watched, watchlists } from './lists.ts'
import { breadth, leaders, movers } from './market.ts'
import { notify } from './notices.ts'
import { followAddress, go, place, zone } from './place.ts'
import { rereadQuotes, startRefreshing } from './quotes.ts'
import { endSession, readSession } from './session.ts'
import { startTheme } from './theme.ts'

const SYMBOLS_EVERY_MS = 60_000
/** A browser that has kept no list begins with so many symbols. */
const FIRST_SYMBOLS = 30

/** Starts all that the views show. */
export async function startPage(): Promise<void> {
  startTheme()
  startClock()
  keepChartSettings()
  followAddress()
  await attempt(readSession)
  followChart()
  startFeed()
  startRefreshing()
  await Promise.all([attempt(readAbilities), attempt(readAllSymbols)])
  startWithSymbols()
  keepLists()
  setInterval(() => void attempt(readAllSymbols), SYMBOLS_EVERY_MS)
  followZone()
}

async function readAllSymbols(): Promise<void> {
  const read = await readSymbols()
  if (read.size !== firstBars.peek().size) firstBars.value = read
}

/** An empty list would show nothing: it begins with the first symbols, and the chart with the first of them. */
function startWithSymbols(): void {
  if (watchlists.value.lists.length === 1 && watched.value.length === 0)
    watchlists.value = {
      lists: [{ name: 'Watchlist', symbols: allSymbols.value.slice(0, FIRST_SYMBOLS) }],
      shown: 0,
    }
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
