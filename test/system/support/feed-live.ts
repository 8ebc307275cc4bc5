import { setTimeout as wait } from 'node:timers/promises'

import { PutRecordsCommand } from '@aws-sdk/client-kinesis'

import type { RunningDeployment } from '../../../bin/stage/running-deployment.ts'
import { createKinesisClient } from '../../../feed/kinesis-client.ts'

/** Minutes of which a feed puts trades, one after the other. */
const MINUTES = 600
const EVERY_MS = 500

/** What becomes of the trades of a minute: its bar, and the bar when a late trade has come. */
export type Expected = {
  readonly bar: {
    readonly t: string
    readonly c: number
    readonly h: number
    readonly v: number
    readonly n: 1
  }
  readonly corrected: Omit<Expected['bar'], 'n'> & { readonly n: 2 }
}

/** A market in which each bar is corrected once: half a second is a minute. */
export type LiveMarket = {
  /** By the start of the minute, ISO. */
  readonly expected: ReadonlyMap<string, Expected>
  readonly stop: () => Promise<void>
}

/** Feeds a symbol of a running `npm start`, until it is stopped or has come to the present. */
export function feedLive(
  { endpoint, region, ticksStream }: Pick<RunningDeployment, 'endpoint' | 'region' | 'ticksStream'>,
  symbol: string,
): LiveMarket {
  const ending = new AbortController()
  const kinesis = createKinesisClient({ AWS_ENDPOINT_URL: endpoint, AWS_REGION: region })
  const expected = new Map<string, Expected>()
  const start = Math.floor(Date.now() / 60_000 - MINUTES) * 60
  const feed = async (): Promise<void> => {
    for (let index = 0; index < MINUTES && !ending.signal.aborted; index++) {
      const [minute, price] = [start + 60 * index, 100 + index]
      const t = new Date(minute * 1000).toISOString().replace('.000Z', 'Z')
      const [c, h] = [price, price + 0.5]
      expected.set(t, { bar: { t, c, h: c, v: 10, n: 1 }, corrected: { t, c, h, v: 15, n: 2 } })
      const trades = [{ symbol, price, volume: 10, timestamp: minute + 30 }]
      // Of the minute before, which is closed by now, or will be before this one.
      if (index > 0) trades.push({ symbol, price: price - 0.5, volume: 5, timestamp: minute - 50 })
      for (const trade of trades)
        await kinesis.send(
          new PutRecordsCommand({
            StreamName: ticksStream,
            Records: [{ Data: Buffer.from(JSON.stringify(trade)), PartitionKey: symbol }],
          }),
        )
      await wait(EVERY_MS, undefined, { signal: ending.signal }).catch(() => undefined)
    }
  }
  const feeding = feed()
  return {
    expected,
    stop: async () => {
      ending.abort()
      await feeding
    },
  }
}
