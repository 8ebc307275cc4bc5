import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

import { createKinesisClient, type KinesisEnvironment, kinesisPort } from '../../feed/kinesis-client.ts'
import { VENUES } from '../../feed/venues/index.ts'
import type { FeedCounts } from '../../feed/venues/symbol-feed.ts'
import { runVenueFeed } from '../../feed/venues/venue-feed.ts'
import type { Venue } from '../../feed/venues/venue.ts'

type Work = {
  readonly name: string
  /** Where the simulated venue is. */
  readonly at: Pick<Venue, 'webSocketUrl' | 'restUrl' | 'restEveryMs'>
  readonly symbols: readonly string[]
  readonly stream: string
  readonly environment: KinesisEnvironment
}

type Message =
  | { readonly type: 'report'; readonly text: string }
  | { readonly type: 'counts' | 'end'; readonly counts: FeedCounts }

/** A feed in a thread of its own, so that it can be told from the venue and the deployment what it costs. */
export type SoakFeed = {
  /** As of the last two seconds. */
  readonly counts: FeedCounts | undefined
  /** Seconds of CPU that its thread has used. */
  cpuSeconds(): Promise<number>
  /** Ends it, and resolves once all that it took is on the stream. */
  stop(): Promise<FeedCounts>
}

/** Starts the feed; `report` takes what a user should know. */
export function startSoakFeed(work: Work, report: (text: string) => void): SoakFeed {
  const worker = new Worker(new URL(import.meta.url), { workerData: work })
  const ended = Promise.withResolvers<FeedCounts>()
  ended.promise.catch(() => undefined)
  let counts: FeedCounts | undefined
  worker.on('message', (message: Message) => {
    if (message.type === 'report') report(message.text)
    else counts = message.counts
    if (message.type === 'end') ended.resolve(message.counts)
  })
  worker.on('error', (error) => ended.reject(error))
  worker.on('exit', (code) => ended.reject(new Error(`the feed has ended with ${code}`)))
  return {
    get counts() {
      return counts
    },
    cpuSeconds: async () => {
      const { user, system } = await worker.cpuUsage()
      return (user + system) / 1e6
    },
    stop: async () => {
      worker.postMessage('stop', [])
      const fed = await ended.promise
      await worker.terminate()
      return fed
    },
  }
}

async function run({ name, at, symbols, stream, environment }: Work): Promise<void> {
  const venue = VENUES.get(name)
  const port = parentPort
  if (venue === undefined || port === null) throw new Error(`there is no venue ${name}`)
  const stopped = new AbortController()
  void once(port, 'message').then(() => stopped.abort())
  const send = (message: Message): void => port.postMessage(message)
  const counts = await runVenueFeed({
    venue: { ...venue, ...at },
    symbols,
    kinesis: kinesisPort(createKinesisClient(environment)),
    stream,
    places: { read: () => new Map(), write: () => undefined },
    signal: stopped.signal,
    report: (text) => send({ type: 'report', text }),
    onCounts: (now) => send({ type: 'counts', counts: now }),
  })
  send({ type: 'end', counts })
}

if (!isMainThread) await run(workerData)
