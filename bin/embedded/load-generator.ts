/** Puts a live synthetic load on a stream, as a process of its own: `STREAM '{"symbols":100,"rate":100,"seconds":60}'`. */
import * as z from 'zod'

import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { createPublisher } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import { liveLoad } from './live-load.ts'

/** A record of a symbol each quarter of a second: what a feed of this rate would do to keep its cost down. */
const MAX_AGE_MS = 250

const [stream = '', json = ''] = process.argv.slice(2)
const { symbols, rate, seconds } = z
  .object({ symbols: z.int(), rate: z.int(), seconds: z.int() })
  .parse(JSON.parse(json))
const publisher = createPublisher({
  kinesis: kinesisPort(createKinesisClient()),
  stream,
  source: 'load',
  maxAgeMs: MAX_AGE_MS,
})
const source = liveLoad({ symbols, rate, seconds }, Date.now())
const { ticks } = await runFeed({ source, publisher, pace: 'live' })
await publisher.close()
process.send?.({ ticks })
process.disconnect()
