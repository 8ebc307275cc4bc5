import { afterEach, describe, expect, it } from 'vitest'
import { StreamRefusedError, TickTooLargeError } from '../../feed/errors.ts'
import { createPublisher } from '../../feed/publisher.ts'
import type { PublisherOptions } from '../../feed/publisher.ts'
import type { PublisherStatus } from '../../feed/sender.ts'
import type { FeedTick } from '../../feed/tick.ts'
import { bySymbol, parseRecord, unreliable, withoutDuplicates } from './stream-harness.ts'
import type { StreamHarness } from './stream-harness.ts'

const AT_ONCE = { now: () => 1_760_000_000_000, sleep: async () => undefined }

/** The facts about a publisher that hold on every stream; the fake and the real server both run them. */
export function publisherContract(name: string, start: () => Promise<StreamHarness>): void {
  describe(`a publisher on ${name}`, () => {
    let harness: StreamHarness | undefined
    afterEach(() => harness?.stop())

    async function publisherOn(options: Partial<PublisherOptions> = {}) {
      harness = await start()
      const { kinesis, stream } = harness
      const settings = {
        kinesis,
        stream,
        source: 'replay',
        startSequence: 812,
        maxAgeMs: Infinity,
        clock: AT_ONCE,
      }
      return { harness, publisher: createPublisher({ ...settings, ...options }) }
    }

    it('writes records of one symbol with the decimals as they were', async () => {
      const { harness: stream, publisher } = await publisherOn()
      await publisher.publish(tick('AAPL', { timestamp: '1760106735.123', price: '150.25', volume: '100' }))
      await publisher.publish(
        tick('AAPL', { timestamp: '1760106735.5', price: '0.00000001', volume: '1.50' }),
      )
      await publisher.publish(tick('AAPL', { price: 'abc', volume: 'NaN', timestamp: '+1' }))
      await publisher.close()
      expect(
        stream.read().map(({ data, partitionKey }) => [partitionKey, Buffer.from(data).toString()]),
      ).toEqual([
        [
          'AAPL',
          '{"symbol":"AAPL","source":"replay","sequence":812,"ticks":' +
            '[[1760106735.123,150.25,100],[1760106735.5,0.00000001,1.50],["+1","abc","NaN"]]}',
        ],
      ])
    })

    it('keeps the order of each symbol while single records are throttled', async () => {
      const { harness: stream, publisher } = await publisherOn({ maxTicksPerRecord: 3, maxBufferedTicks: 60 })
      let puts = 0
      stream.throttle(() => puts++ % 3 === 1)
      const ticks = interleaved(['A', 'B', 'C', 'D'], 100)
      for (const each of ticks) await publisher.publish(each)
      await publisher.close()
      const records = stream.read().map(parseRecord)
      expect(bySymbol(records.flatMap((record) => record.ticks))).toEqual(bySymbol(ticks))
      expect(publisher.stats().recordsRetried).toBeGreaterThan(0)
      expect(publisher.stats().ticksAcknowledged).toBe(400)
    })

    it('sends the very same bytes again when an answer was lost', async () => {
      harness = await start()
      const kinesis = unreliable(harness.kinesis, (call) => (call === 0 ? 'lost-after' : 'fine'))
      const publisher = createPublisher({ kinesis, stream: harness.stream, source: 's', clock: AT_ONCE })
      await publisher.publish(tick('AAPL'))
      await publisher.flush()
      await publisher.publish(tick('AAPL'))
      await publisher.close()
      const texts = harness.read().map((record) => parseRecord(record).text)
      expect(texts).toHaveLength(3)
      expect(texts[1]).toBe(texts[0])
      expect(withoutDuplicates(harness.read()).map((record) => record.sequence)).toEqual([
        AT_ONCE.now() * 1000,
        AT_ONCE.now() * 1000 + 1,
      ])
    })

    it('flushes more symbols than one call takes', async () => {
      const { harness: stream, publisher } = await publisherOn()
      const ticks = interleaved(
        Array.from({ length: 1201 }, (_, index) => `S${index}`),
        1,
      )
      for (const each of ticks) await publisher.publish(each)
      await publisher.flush()
      expect(stream.read()).toHaveLength(1201)
      expect(publisher.stats().putCalls).toBe(3)
      await publisher.close()
    })

    it('splits by bytes, and sends a single tick that is larger than a record may be', async () => {
      const { harness: stream, publisher } = await publisherOn({ maxRecordBytes: 1000 })
      const large = tick('A', { price: '9'.repeat(1_040_000) })
      const ticks = [...interleaved(['A'], 50), large, ...interleaved(['A'], 50)]
      for (const each of ticks) await publisher.publish(each)
      await publisher.close()
      const records = stream.read()
      expect(records.flatMap((record) => parseRecord(record).ticks)).toEqual(ticks)
      expect(records.filter(({ data }) => data.length > 1000)).toHaveLength(1)
      expect(records.length).toBeLessThan(12)
    })

    it('refuses a tick that Kinesis cannot take, by name, and goes on', async () => {
      const { harness: stream, publisher } = await publisherOn()
      await publisher.publish(tick('A'))
      const tooLarge = tick('A', { price: '9'.repeat(1_050_000) })
      await expect(publisher.publish(tooLarge)).rejects.toThrow(TickTooLargeError)
      await publisher.publish(tick('A', { price: '2' }))
      await publisher.close()
      const prices = stream.read().flatMap((record) => parseRecord(record).ticks.map(({ price }) => price))
      expect(prices).toEqual(['1.5', '2'])
      expect(publisher.stats().ticksPublished).toBe(2)
    })

    it('sends bad symbols too, each under a partition key that Kinesis takes', async () => {
      const { harness: stream, publisher } = await publisherOn()
      const symbols = ['', 'x'.repeat(300), '"quoted"', 'tab\t', 'é😀', '\ud800']
      for (const symbol of symbols) await publisher.publish(tick(symbol))
      await publisher.close()
      expect(stream.read().map((record) => parseRecord(record).symbol)).toEqual(
        expect.arrayContaining(symbols),
      )
      expect(stream.read()).toHaveLength(symbols.length)
    })

    it('rejects with an error that names a missing stream, from then on', async () => {
      const statuses: PublisherStatus['type'][] = []
      const { publisher } = await publisherOn({
        stream: 'nothing-here',
        onStatus: (status) => statuses.push(status.type),
      })
      await publisher.publish(tick('A'))
      const refusal = await publisher.flush().catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(StreamRefusedError)
      expect(refusal).toMatchObject({ stream: 'nothing-here', code: 'ResourceNotFoundException' })
      expect(String(refusal)).toMatch(/nothing-here.*Deploy the stream first/)
      await expect(publisher.publish(tick('A'))).rejects.toBe(refusal)
      await expect(publisher.close()).rejects.toBe(refusal)
      expect(statuses).toEqual(['failed'])
    })

    it('tells of trouble and of its end', async () => {
      const statuses: PublisherStatus[] = []
      const { harness: stream, publisher } = await publisherOn({
        random: () => 0.5,
        onStatus: (status) => statuses.push(status),
      })
      let failures = 2
      stream.throttle(() => failures-- > 0)
      await publisher.publish(tick('A'))
      await publisher.close()
      expect(statuses).toMatchObject([
        {
          type: 'retrying',
          code: 'ProvisionedThroughputExceededException',
          attempt: 1,
          records: 1,
          delayMs: 25,
        },
        { type: 'retrying', attempt: 2, delayMs: 50 },
        { type: 'recovered' },
      ])
      expect(publisher.stats()).toMatchObject({ recordsRetried: 2, trouble: undefined })
    })
  })
}

/** A tick of `symbol`, plain but for what is given. */
export function tick(symbol: string, rest: Partial<FeedTick> = {}): FeedTick {
  return { symbol, timestamp: '1760106735.123', price: '1.5', volume: '100', ...rest }
}

function interleaved(symbols: readonly string[], count: number): FeedTick[] {
  return Array.from({ length: count }, (_, index) =>
    symbols.map((symbol) => tick(symbol, { timestamp: String(1_760_000_000 + index) })),
  ).flat()
}
