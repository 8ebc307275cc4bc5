import { describe, expect, it } from 'vitest'
import { InvalidOptionError, PublisherClosedError, PublishError } from '../../feed/errors.ts'
import type { KinesisPort, PutRecord, PutResult } from '../../feed/kinesis-port.ts'
import { createPublisher } from '../../feed/publisher.ts'
import type { PublisherOptions } from '../../feed/publisher.ts'
import { fakeKinesis } from './fake-kinesis.ts'
import { publisherContract, tick } from './publisher-contract.ts'
import { parseRecord } from './stream-harness.ts'
import { VirtualClock } from './virtual-clock.ts'

publisherContract('a stream in memory', async () => fakeKinesis())

const base = { stream: 'ticks', source: 'test' }

describe('batches', () => {
  it('leave when they reach their age', async () => {
    const clock = new VirtualClock()
    const stream = fakeKinesis()
    const publisher = createPublisher({ ...base, kinesis: stream.kinesis, clock, maxAgeMs: 100 })
    void publisher.publish(tick('A'))
    await clock.advance(60)
    void publisher.publish(tick('B'))
    await clock.advance(39)
    expect(stream.read()).toHaveLength(0)
    await clock.advance(1)
    expect(stream.read().map(({ partitionKey }) => partitionKey)).toEqual(['A'])
    await clock.advance(60)
    expect(stream.read().map(({ partitionKey }) => partitionKey)).toEqual(['A', 'B'])
    await publisher.close()
  })

  it('leave together with the first, where they would leave soon after it', async () => {
    const clock = new VirtualClock()
    const stream = fakeKinesis()
    const options = { ...base, kinesis: stream.kinesis, clock, maxAgeMs: 100, coalesceMs: 50 }
    const publisher = createPublisher(options)
    for (const [symbol, wait] of [
      ['A', 50],
      ['B', 1],
      ['C', 49],
    ] as const) {
      void publisher.publish(tick(symbol))
      await clock.advance(wait)
    }
    expect(stream.read().map(({ partitionKey }) => partitionKey)).toEqual(['A', 'B'])
    expect(publisher.stats().putCalls).toBe(1)
    await clock.advance(51)
    expect(stream.read().map(({ partitionKey }) => partitionKey)).toEqual(['A', 'B', 'C'])
    expect(publisher.stats().putCalls).toBe(2)
    await publisher.close()
  })

  it('reach their age though the clock was set back', async () => {
    const clock = new VirtualClock()
    const stream = fakeKinesis()
    const publisher = createPublisher({ ...base, kinesis: stream.kinesis, clock, maxAgeMs: 100 })
    void publisher.publish(tick('A'))
    await clock.advance(1)
    clock.set(clock.now() - 3_600_000)
    void publisher.publish(tick('B'))
    await clock.advance(3_600_000 + 300)
    expect(stream.read()).toHaveLength(2)
    await publisher.close()
  })

  it('grow while the stream answers slower than they age, and leave with its answer', async () => {
    const clock = new VirtualClock()
    const stream = fakeKinesis()
    const kinesis = delayed(stream.kinesis, () => clock.sleep(100))
    const publisher = createPublisher({ ...base, kinesis, clock, maxAgeMs: 10, maxTicksPerRecord: 50 })
    for (let index = 0; index < 400; index++) {
      void publisher.publish(tick('A', { volume: `${index}` }))
      if (index % 100 === 0) void publisher.publish(tick('B', { volume: `${index}` }))
      await clock.advance(2)
    }
    expect(publisher.stats().ticksBuffered).toBeLessThan(120)
    await clock.run(publisher.close())
    const sizesOf = (symbol: string) =>
      stream
        .read()
        .map(parseRecord)
        .filter((record) => record.symbol === symbol)
        .map(({ ticks }) => ticks.length)
    const [first = 0, ...sizes] = sizesOf('A')
    expect(first).toBeLessThan(10)
    expect(sizes.slice(0, -2).every((size) => size >= 45)).toBe(true)
    expect(sizesOf('B')).toEqual([1, 1, 1, 1])
  })

  it('end in the same places for the same ticks, however slow the stream is', async () => {
    const ticks = Array.from({ length: 500 }, (_, index) =>
      tick(`S${(index * index) % 7}`, { volume: `${index}` }),
    )
    const bytes = async (options: Partial<PublisherOptions>, delayMs: number) => {
      const clock = new VirtualClock()
      const stream = fakeKinesis()
      const kinesis = delayed(stream.kinesis, () => clock.sleep(delayMs))
      const fixed = { maxAgeMs: Infinity, startSequence: 1, maxBufferedTicks: 40, maxTicksPerRecord: 9 }
      const publisher = createPublisher({ ...base, kinesis, clock, ...fixed, ...options })
      for (const each of ticks) {
        const room = publisher.publish(each)
        if (room !== undefined) await clock.run(room)
      }
      await clock.run(publisher.close())
      return stream
        .read()
        .map((record) => parseRecord(record).text)
        .toSorted()
    }
    const fast = await bytes({}, 0)
    expect(await bytes({}, 70)).toEqual(fast)
    expect(await bytes({ maxConcurrentPuts: 1 }, 7)).toEqual(fast)
    expect(fast.length).toBeGreaterThan(50)
  })
})

describe('puts', () => {
  it('of other symbols do not wait for one that hangs', async () => {
    const stream = fakeKinesis()
    const hanging = Promise.withResolvers<void>()
    const kinesis: KinesisPort = {
      putRecords: async (name, records) => {
        if (records.some(({ partitionKey }) => partitionKey === 'SLOW')) await hanging.promise
        return stream.kinesis.putRecords(name, records)
      },
    }
    const publisher = createPublisher({ ...base, kinesis, maxAgeMs: Infinity, maxTicksPerRecord: 1 })
    await publisher.publish(tick('SLOW'))
    await Promise.resolve()
    for (let index = 0; index < 10; index++) await publisher.publish(tick(`S${index}`))
    await new Promise(setImmediate)
    expect(stream.read()).toHaveLength(10)
    expect(publisher.stats()).toMatchObject({ ticksBuffered: 1, putCallsUnderWay: 1 })
    hanging.resolve()
    await publisher.close()
    expect(stream.read()).toHaveLength(11)
  })

  it('go on after an hour without the stream', async () => {
    const clock = new VirtualClock()
    const stream = fakeKinesis()
    const end = clock.now() + 3_600_000
    const down: PutResult = { type: 'unavailable', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' }
    const kinesis: KinesisPort = {
      putRecords: async (name, records) =>
        clock.now() < end ? down : stream.kinesis.putRecords(name, records),
    }
    const publisher = createPublisher({ ...base, kinesis, clock, random: () => 0.9 })
    void publisher.publish(tick('A'))
    await clock.advance(10_000)
    expect(publisher.stats().trouble).toMatchObject({ code: 'ECONNREFUSED' })
    await clock.run(publisher.close())
    expect(stream.read()).toHaveLength(1)
    expect(publisher.stats().putCalls).toBeLessThan(900)
  })

  it('answered with a wrong number of results are an error', async () => {
    const kinesis: KinesisPort = { putRecords: async () => ({ type: 'answered', outcomes: [] }) }
    const publisher = createPublisher({ ...base, kinesis })
    void publisher.publish(tick('A'))
    await expect(publisher.flush()).rejects.toThrow(/put of 1 records with 0 results/)
  })

  it('that break off wake a caller who waits for room', async () => {
    const kinesis: KinesisPort = { putRecords: async () => Promise.reject(new Error('boom')) }
    const publisher = createPublisher({ ...base, kinesis, maxBufferedTicks: 1 })
    await expect(publisher.publish(tick('A'))).rejects.toThrow(PublishError)
    await expect(publisher.publish(tick('A'))).rejects.toThrow(/ticks failed: Error: boom/)
  })
})

describe('a publisher', () => {
  it('takes nothing after close, and closes once', async () => {
    const publisher = createPublisher({ ...base, kinesis: fakeKinesis().kinesis })
    const closing = publisher.close()
    expect(publisher.close()).toBe(closing)
    await closing
    await expect(publisher.publish(tick('A'))).rejects.toThrow(PublisherClosedError)
  })

  it.each([
    ['maxTicksPerRecord', 0],
    ['maxRecordBytes', 2_000_000],
    ['maxBufferedTicks', 1.5],
    ['maxConcurrentPuts', -1],
    ['startSequence', Number.NaN],
    ['maxAgeMs', -1],
    ['coalesceMs', Number.NaN],
    ['source', ''],
  ])('refuses the option %s %s', (option, value) => {
    const options = { ...base, kinesis: fakeKinesis().kinesis, [option]: value }
    expect(() => createPublisher(options)).toThrow(InvalidOptionError)
    expect(() => createPublisher(options)).toThrow(option)
  })
})

function delayed(kinesis: KinesisPort, wait: () => Promise<void>): KinesisPort {
  return {
    putRecords: async (stream, records: readonly PutRecord[]) => {
      await wait()
      return kinesis.putRecords(stream, records)
    },
  }
}
