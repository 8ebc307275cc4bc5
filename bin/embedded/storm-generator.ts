/** WebSocket clients that connect, subscribe over and over and leave, as a process of its own: `URL '{"clients":100,"symbols":["A"]}'`. */
import { setTimeout as wait } from 'node:timers/promises'

import * as z from 'zod'

import type { Storm } from './storm.ts'

/** Changes of its subscription that a client makes on each connection. */
const SUBSCRIPTIONS = 10
/** What API Gateway may take to answer. */
const ANSWER_MS = 30_000
/** How long a client waits after it was refused, as one of ours would at the least. */
const REFUSED_MS = 1000

const [url = '', json = ''] = process.argv.slice(2)
const key = process.env['TICKSTOCK_API_KEY'] ?? ''
const { clients, symbols } = z
  .object({ clients: z.int(), symbols: z.array(z.string()) })
  .parse(JSON.parse(json))
const stopped = new AbortController()
const storm = { connections: 0, refused: 0, subscriptions: 0, records: 0 }

/** One connection, from its start to its end; false when it was refused. */
async function connectOnce(first: number): Promise<boolean> {
  const socket = new WebSocket(url, { headers: { 'x-api-key': key } })
  const { promise, resolve } = Promise.withResolvers<boolean>()
  let left = SUBSCRIPTIONS
  const subscribe = (): void => {
    if (left-- === 0 || stopped.signal.aborted) return socket.close()
    const action = left % 2 === 0 ? 'subscribe' : 'unsubscribe'
    socket.send(JSON.stringify({ action, symbols: [symbols[(first + left) % symbols.length]] }))
  }
  const late = setTimeout(() => socket.close(), ANSWER_MS)
  socket.addEventListener('open', () => {
    storm.connections++
    subscribe()
  })
  socket.addEventListener('message', ({ data }) => {
    const message: unknown = JSON.parse(String(data))
    if (Array.isArray(message)) storm.records += message.length
    else {
      storm.subscriptions++
      subscribe()
    }
  })
  socket.addEventListener('close', () => resolve(left < SUBSCRIPTIONS))
  socket.addEventListener('error', () => resolve(left < SUBSCRIPTIONS))
  const isOpened = await promise
  clearTimeout(late)
  return isOpened
}

async function runClient(first: number): Promise<void> {
  while (!stopped.signal.aborted)
    if (!(await connectOnce(first))) {
      storm.refused++
      await wait(REFUSED_MS, undefined, { signal: stopped.signal }).catch(() => undefined)
    }
}

process.once('message', () => stopped.abort())
await Promise.all(Array.from({ length: clients }, (_, index) => runClient(index)))
process.send?.(storm satisfies Storm)
process.disconnect()
