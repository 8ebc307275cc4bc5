import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { sweepsAfter } from '../../../functions/sweeper/sweep-minute.ts'
import { createMinutePuts } from '../../../functions/synthetic-feed/put-minutes.ts'
import { BATCH_WINDOW_SECONDS, deliverySeconds } from '../../../lib/batching.ts'
import { LATENCY_MS } from '../../../lib/latency-target.ts'
import { invokeAt, MINUTE_MS, QuietMarket, RULES, timeOf } from './quiet-market.ts'

const START = 1_760_106_720_000
const OFFSETS = Array.from({ length: 400 }, (_each, index) => index * 150)
const MINUTES = [0, 1, 2, 3, 4]
/** A shard is read once a second, and an invocation takes some time. */
const POLL_MS = 1000
const INVOCATION_MS = 100
const SYMBOLS = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE', 'FFF']

/** By how much a call comes early or late, of each minute. EventBridge says: several seconds. */
const jitters = fc.array(fc.integer({ min: -2000, max: 2000 }), {
  minLength: MINUTES.length,
  maxLength: MINUTES.length,
})

function timesOf(offset: number, jitter: readonly number[]): number[] {
  return MINUTES.map((minute) => START + minute * MINUTE_MS + offset + (jitter[minute] ?? 0))
}

/** A trade of each symbol in a minute, how long it is on its way, and how long it waits on the stream. */
function quietTrades(windowMs: number) {
  const quiet = fc.record({
    second: fc.integer({ min: 0, max: 59 }),
    transport: fc.integer({ min: 20, max: 400 }),
    wait: fc.integer({ min: 0, max: windowMs + POLL_MS }),
  })
  return fc.array(quiet, { minLength: SYMBOLS.length, maxLength: SYMBOLS.length })
}

describe.each(['low', 'economy'] as const)(
  'the schedule at any second of the minute, latency %s',
  (latency) => {
    const windowMs = BATCH_WINDOW_SECONDS[latency] * 1000
    const deliveryMs = deliverySeconds(latency) * 1000
    const { last } = sweepsAfter({ rules: RULES, deliveryMs })
    /** From the record of a bar on its stream to its row, at worst. */
    const writerMs = windowMs + POLL_MS + INVOCATION_MS

    it('closes each bar of a quiet symbol once, after its minute by the grace and the delivery at most', async () => {
      for (const offset of OFFSETS) {
        const [given] = fc.sample(fc.tuple(jitters, quietTrades(windowMs)), { numRuns: 1, seed: offset })
        if (given === undefined) throw new Error('no sample')
        const [jitter, trades] = given
        const market = new QuietMarket(START - MINUTE_MS, deliveryMs)
        market.schedule(timesOf(offset, jitter))
        // A minute that ends after the second call: what the first one finds is older than the schedule.
        const minute = START + MINUTE_MS
        for (const [index, { second, transport, wait }] of trades.entries()) {
          const time = minute + second * 1000
          const arrivedAt = time + transport
          const symbol = SYMBOLS[index] ?? ''
          market.deliver({ symbol, time, arrivedAt, appliedAt: arrivedAt + wait + INVOCATION_MS })
        }
        await market.clock.advance(8 * MINUTE_MS)
        expect(market.failures).toEqual([])
        expect(market.conflicts, `offset ${offset}`).toBe(0)
        expect(market.emitted.map(({ symbol, revision }) => `${symbol} ${revision}`).toSorted()).toEqual(
          SYMBOLS.map((symbol) => `${symbol} 1`),
        )
        for (const bar of market.emitted) {
          expect(bar.at - bar.end, `offset ${offset}`).toBeLessThanOrEqual(last)
          expect(bar.at - bar.closedAt + writerMs, `alarm at offset ${offset}`).toBeLessThanOrEqual(
            LATENCY_MS[latency],
          )
        }
      }
    })

    it('has no alarm of the synthetic feed, whatever the second of both schedules', async () => {
      for (const offset of OFFSETS) {
        const [given] = fc.sample(fc.tuple(jitters, jitters, fc.integer({ min: 0, max: 59_999 })), {
          numRuns: 1,
          seed: offset,
        })
        if (given === undefined) throw new Error('no sample')
        const [ofSweeper, ofFeed, sweeperOffset] = given
        const market = new QuietMarket(START - MINUTE_MS, deliveryMs)
        market.schedule(timesOf(sweeperOffset, ofSweeper))
        const { clock } = market
        const ends = new Set<number>()
        const put = async (end: number): Promise<number> => {
          // What comes twice is a duplicate by its sequence.
          if (ends.has(end)) return 0
          ends.add(end)
          const arrivedAt = clock.now() + 200
          const appliedAt = arrivedAt + writerMs
          for (const symbol of SYMBOLS) market.deliver({ symbol, time: end - 1000, arrivedAt, appliedAt })
          return SYMBOLS.length
        }
        invokeAt(clock, timesOf(offset, ofFeed), {
          create: () => createMinutePuts({ put, until: timeOf(clock).until }),
          invoke: async (instance, time) => await instance(time),
          failures: market.failures,
        })
        await clock.advance(8 * MINUTE_MS)
        expect(market.failures).toEqual([])
        // The first call puts a minute that is long over, and the schedules begin and end at different times.
        const steady = market.emitted.filter(
          ({ end }) => end >= START + 2 * MINUTE_MS && end <= START + 4 * MINUTE_MS,
        )
        expect(steady).toHaveLength(3 * SYMBOLS.length)
        for (const bar of steady) {
          expect(bar.revision).toBe(1)
          expect(bar.at - bar.closedAt + writerMs, `offset ${offset}`).toBeLessThanOrEqual(
            LATENCY_MS[latency],
          )
        }
      }
    })
  },
)
