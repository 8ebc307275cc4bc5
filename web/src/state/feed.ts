import { batch, computed, effect, signal } from '@preact/signals'
import * as z from 'zod/mini'

import { readHealth } from '../api/reads.ts'
import { messageOf, request, SignedOutError } from '../api/request.ts'
import { type LiveRecord, liveRecordSchema } from '../api/schemas.ts'
import { LiveConnection, type LinkState, type Socket, type SocketEvents } from '../live/live-connection.ts'
import type { Subscriptions } from '../live/wanted.ts'
import { type Gap, repairNotice } from '../market/gap.ts'
import { chart } from './chart.ts'
import { watched } from './lists.ts'
import { notify } from './notices.ts'
import { pageConfig } from './page-config.ts'
import { marketPatterns, readMarketPatterns, takePatterns } from './pattern-stream.ts'
import { place } from './place.ts'
import { Poll } from './poll.ts'
import { followQuotes, repairQuotes, takeBar, takeTrades } from './quotes.ts'
import { endSession } from './session.ts'
import { followedSymbols } from './watchlists.ts'

/** Records are shown so often at the most. */
const SHOW_MS = 250
/** A bar that was on its way to the database at the first reading is in it then. */
const SETTLED_MS = 10_000

export const link = signal<LinkState>({ type: 'connecting' })
/** Unix milliseconds of the last record. */
export const lastRecordAt = signal<number | undefined>(undefined)
export const health = new Poll(readHealth, 15_000)

/** All symbols that are on the screen. */
const followed = computed(() => followedSymbols(watched.value, place.value.symbol))

const wanted = computed<Subscriptions>(() => {
  const { symbol, asof, view } = place.value
  const symbols = new Set(followed.value)
  const charted = new Set(symbol === null || asof !== null ? [] : [symbol])
  const isMarket = view === 'market'
  return { bar: symbols, ticks: symbols, indicators: charted, patterns: isMarket ? new Set(['*']) : charted }
})

let pending: LiveRecord[] = []
let strange = 0

export function startFeed(): void {
  const connection = new LiveConnection({
    connect: openSocket,
    now: Date.now,
    onRecords: (records) => {
      for (const record of records) keep(record)
    },
    onState: takeState,
  })
  effect(() => void followQuotes(followed.value))
  effect(() => connection.want(wanted.value))
  connection.start()
  setInterval(show, SHOW_MS)
  window.addEventListener('online', () => connection.retryNow())
}

/** A page that was signed in by an issuer has no cookie, so it brings a ticket. */
function openSocket(events: SocketEvents): Socket {
  const { signIn, live } = pageConfig()
  const address = new URL(live, location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  if (signIn === 'session') return openAt(address, [], events)
  let socket: Socket | undefined
  let isClosed = false
  const open = async (): Promise<void> => {
    const { protocols } = await request('/v1/live-tickets', { schema: ticketSchema, method: 'POST' })
    if (!isClosed) socket = openAt(address, protocols, events)
  }
  open().catch((error: unknown) => events.closed({ code: 1006, reason: messageOf(error) }))
  return {
    send: (text) => socket?.send(text),
    close: () => {
      isClosed = true
      socket?.close()
    },
  }
}

const ticketSchema = z.object({ protocols: z.array(z.string()) })

function openAt(
  address: URL,
  protocols: readonly string[],
  { opened, received, closed }: SocketEvents,
): Socket {
  const socket = new WebSocket(address, [...protocols])
  socket.addEventListener('open', opened)
  socket.addEventListener('message', ({ data }) => received(String(data)))
  socket.addEventListener('close', closed)
  return socket
}

function keep(record: unknown): void {
  const read = liveRecordSchema.safeParse(record)
  if (read.success) pending.push(read.data)
  // A later version may add types and fields; what has another form is not shown, and that is said once.
  else if (strange++ === 0)
    notify('warning', 'A live record has another form than this page knows, and is left out.')
}

/** Shows what has come: one change of the page for all of it. */
function show(): void {
  if (pending.length === 0) return
  const records = pending
  pending = []
  batch(() => {
    for (const record of records) take(record)
    lastRecordAt.value = Date.now()
  })
}

function take(record: LiveRecord): void {
  const model = chart.peek()
  const { symbol } = model?.subject ?? {}
  switch (record.type) {
    case 'bar':
      takeBar(record.symbol, record.bar)
      if (record.symbol === symbol) model?.takeBar(record.bar)
      break
    case 'ticks':
      takeTrades(record)
      if (record.symbol === symbol) model?.takeTrades(record)
      break
    case 'indicators':
      if (record.symbol === symbol) model?.signals.takeIndicators(record.minute)
      break
    case 'patterns':
      takePatterns(record.change)
      if (record.change.symbol === symbol) model?.signals.takePatterns(record.change)
      break
  }
}

let lostAt: number | undefined

function takeState(state: LinkState): void {
  if (state.type === 'lost') {
    lostAt = state.since
    void checkSession()
  }
  if (state.type === 'live' && lostAt !== undefined) {
    const gap = { from: lostAt, to: state.since }
    lostAt = undefined
    void repair(gap)
  }
  link.value = state
}

/** Reads what came in the meantime, and once more when what was being written then is in the database. */
async function repair(gap: Gap): Promise<void> {
  try {
    const merged = await readGap(gap)
    notify('info', repairNotice(gap, merged))
    setTimeout(() => void readGap(gap).catch(() => {}), SETTLED_MS)
  } catch (error) {
    const text = `The connection is back, but what came in the meantime cannot be read. ${messageOf(error)}`
    notify('error', text)
  }
}

async function readGap(gap: Gap) {
  const quotes = await repairQuotes(gap)
  const charted = (await chart.peek()?.repair(gap)) ?? { added: 0, revised: 0 }
  if (marketPatterns.peek().length > 0) await readMarketPatterns()
  return { added: Math.max(quotes.added, charted.added), revised: Math.max(quotes.revised, charted.revised) }
}

/** A connection that is refused may mean that the session has ended. */
async function checkSession(): Promise<void> {
  try {
    await readHealth()
  } catch (error) {
    if (error instanceof SignedOutError) endSession()
  }
}
