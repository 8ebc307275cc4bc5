import { describe, expect, it } from 'vitest'
import { createPublisher } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import type { FeedTick } from '../../feed/tick.ts'
import { fakeKinesis } from './fake-kinesis.ts'
import { tick } from './publisher-contract.ts'
import { parseRecord } from './stream-harness.ts'
import { VirtualClock } from './virtual-clock.ts'

const T0 = 1_760_000_000_000

function at(second: number): FeedTick {
  return tick('A', { timestamp: String(T0 / 1000 + second) })
}

/** Notes when each tick is published. */
function setup(now = T0) {
  const clock = new VirtualClock(now)
  const published: [timestamp: string, ms: number][] = []
  const publisher = {
    publish: ({ timestamp }: FeedTick) => {
      published.push([timestamp, clock.now() - T0])
      return undefined
    },
    flush: async () => {
      published.push(['flush', clock.now() - T0])
    },
  }
  return { clock, published, publisher }
}

describe('a live feed', () => {
  it('publishes each tick when it is due by the clock, and those of the past at once', async () => {
    const { clock, published, publisher } = setup()
    const source = [at(-60), at(0), at(0.25), at(0.25), tick('A', { timestamp: 'abc' }), at(3)]
    const running = runFeed({ source, publisher, pace: 'live', clock })
    expect(await clock.run(running)).toEqual({ type: 'source-ended', ticks: 6 })
    expect(published.map(([, ms]) => ms)).toEqual([0, 0, 250, 250, 250, 3000, 3000])
  })

  it('catches up after a stall without shifting what follows', async () => {
    const { clock, published, publisher } = setup()
    const running = runFeed({ source: [at(1), at(2), at(3), at(60)], publisher, pace: 'live', clock })
    await clock.advance(1000)
    clock.set(T0 + 30_000)
    await clock.run(running)
    expect(published.map(([, ms]) => ms)).toEqual([1000, 30_000, 30_000, 60_000, 60_000])
  })

  it('stops when asked to while it waits, and flushes', async () => {
    const { clock, published, publisher } = setup()
    const stop = new AbortController()
    let closed = false
    const source = (function* () {
      try {
        for (let second = 0; ; second += 10) yield at(second)
      } finally {
        closed = true
      }
    })()
    const running = runFeed({ source, publisher, pace: 'live', clock, signal: stop.signal })
    await clock.advance(15_000)
    stop.abort()
    expect(await running).toEqual({ type: 'stopped', ticks: 2 })
    expect(published.map(([what]) => what)).toEqual([at(0).timestamp, at(10).timestamp, 'flush'])
    expect(closed).toBe(true)
  })
})

describe('a feed at full speed', () => {
  it('lets timers and signals through while the source has no end', async () => {
    const { publisher } = setup()
    const stop = new AbortController()
    const source = (function* () {
      for (;;) yield at(0)
    })()
    setTimeout(() => stop.abort(), 5)
    const result = await runFeed({ source, publisher, pace: 'full-speed', signal: stop.signal })
    expect(result.type).toBe('stopped')
  })

  it('flushes what came before an error of the source', async () => {
    const stream = fakeKinesis()
    const publisher = createPublisher({
      kinesis: stream.kinesis,
      stream: 'ticks',
      source: 'x',
      maxAgeMs: Infinity,
    })
    const source = (function* () {
      yield at(0)
      throw new Error('line 3 is broken')
    })()
    await expect(runFeed({ source, publisher, pace: 'full-speed' })).rejects.toThrow('line 3 is broken')
    expect(stream.read().flatMap((record) => parseRecord(record).ticks)).toEqual([at(0)])
  })

  it('waits for a stream that is slower than the source', async () => {
    const clock = new VirtualClock()
    const stream = fakeKinesis()
    let most = 0
    const publisher = createPublisher({
      kinesis: {
        putRecords: async (name, records) => {
          await clock.sleep(50)
          most = Math.max(most, publisher.stats().ticksBuffered)
          return stream.kinesis.putRecords(name, records)
        },
      },
      stream: 'ticks',
      source: 'x',
      clock,
      maxBufferedTicks: 10,
    })
    const source = Array.from({ length: 200 }, (_, second) => at(second))
    await clock.run(runFeed({ source, publisher, pace: 'full-speed', clock }))
    expect(stream.read().flatMap((record) => parseRecord(record).ticks)).toEqual(source)
    expect(most).toBe(10)
  })
})
