import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { KinesisPort, PutOutcome, PutRecord, PutResult } from '../../feed/kinesis-port.ts'
import { createPublisher } from '../../feed/publisher.ts'
import type { FeedTick } from '../../feed/tick.ts'
import { bySymbol, parseRecord, withoutDuplicates } from './stream-harness.ts'
import { VirtualClock } from './virtual-clock.ts'

/** What happens to one call: how long it is on the way there and back, and what is lost. */
type Fate = {
  readonly type: 'fine' | 'lost-before' | 'lost-after' | 'partly'
  readonly thereMs: number
  readonly backMs: number
  readonly fails: readonly boolean[]
}

const fate: fc.Arbitrary<Fate> = fc.record({
  type: fc.constantFrom('fine', 'lost-before', 'lost-after', 'partly'),
  thereMs: fc.nat(80),
  backMs: fc.nat(80),
  fails: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
})

const scenario = fc.record({
  symbols: fc.array(fc.constantFrom('A', 'B', 'C', 'D', 'E'), { maxLength: 120 }),
  pausesMs: fc.array(fc.nat(60), { maxLength: 5 }),
  fates: fc.array(fate, { maxLength: 40 }),
  flushAfter: fc.nat(120),
  options: fc.record({
    maxAgeMs: fc.constantFrom(0, 1, 50, Infinity),
    maxTicksPerRecord: fc.integer({ min: 1, max: 6 }),
    maxRecordBytes: fc.integer({ min: 1, max: 400 }),
    maxBufferedTicks: fc.integer({ min: 1, max: 30 }),
    maxConcurrentPuts: fc.integer({ min: 1, max: 4 }),
    startSequence: fc.integer({ min: 0, max: 2 ** 51 }),
  }),
})

const LOST: PutResult = { type: 'unavailable', code: 'TimeoutError', message: 'no answer' }

/** A stream with a fate for each call, which notes what must never happen. */
class WatchedStream implements KinesisPort {
  readonly stored: PutRecord[] = []
  readonly violations: string[] = []
  readonly #underWay = new Set<string>()
  readonly #acknowledged = new Map<string, number>()
  readonly #fates: Iterator<Fate>
  readonly #clock: VirtualClock

  constructor(fates: readonly Fate[], clock: VirtualClock) {
    this.#fates = fates.values()
    this.#clock = clock
  }

  async putRecords(_stream: string, records: readonly PutRecord[]): Promise<PutResult> {
    const next = this.#fates.next()
    const { type, thereMs, backMs, fails } = next.done ? FINE : next.value
    for (const record of records) this.#start(record)
    await this.#clock.sleep(thereMs)
    const outcomes =
      type === 'lost-before' ? [] : records.map((record, index) => this.#take(record, isFailed(index)))
    await this.#clock.sleep(backMs)
    const lost = type === 'lost-before' || type === 'lost-after'
    for (const [index, record] of records.entries())
      this.#end(record, !lost && outcomes[index]?.type === 'accepted')
    return lost ? LOST : { type: 'answered', outcomes }

    function isFailed(index: number): boolean {
      return type === 'partly' && fails[index % fails.length] === true
    }
  }

  #start(record: PutRecord): void {
    const { symbol, sequence } = parseRecord(record)
    if (this.#underWay.has(symbol)) this.violations.push(`two records of ${symbol} under way`)
    this.#underWay.add(symbol)
    const expected = this.#acknowledged.get(symbol)
    if (expected !== undefined && sequence !== expected + 1) {
      this.violations.push(`${symbol} ${sequence} put when ${expected} was the last one acknowledged`)
    }
  }

  #take(record: PutRecord, fails: boolean): PutOutcome {
    if (fails) return { type: 'failed', code: 'InternalFailure', message: 'try again' }
    this.stored.push(record)
    return { type: 'accepted' }
  }

  #end(record: PutRecord, acknowledged: boolean): void {
    const { symbol, sequence } = parseRecord(record)
    this.#underWay.delete(symbol)
    if (acknowledged) this.#acknowledged.set(symbol, sequence)
  }
}

const FINE: Fate = { type: 'fine', thereMs: 1, backMs: 1, fails: [] }

it('puts every tick on the stream in order, whatever fails, is lost or comes late', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ symbols, pausesMs, fates, flushAfter, options }) => {
      const clock = new VirtualClock()
      const kinesis = new WatchedStream(fates, clock)
      const publisher = createPublisher({
        ...options,
        kinesis,
        stream: 'ticks',
        source: 's',
        clock,
        random: () => 0.7,
      })
      const flushed = async () => {
        await publisher.flush()
        return publisher.stats().ticksBuffered
      }
      const ticks = symbols.map((symbol, index): FeedTick => ({
        symbol,
        timestamp: `1760000000.${index}`,
        price: `${index}.10`,
        volume: index % 5 === 0 ? 'NaN' : '1e-8',
      }))
      for (const [index, tick] of ticks.entries()) {
        const room = publisher.publish(tick)
        expect(publisher.stats().ticksBuffered).toBeLessThanOrEqual(options.maxBufferedTicks)
        if (room !== undefined) await clock.run(room)
        const left = index === flushAfter ? await clock.run(flushed()) : 0
        expect(left).toBe(0)
        const pause = pausesMs[index % 17]
        if (pause !== undefined) await clock.advance(pause)
      }
      await clock.run(publisher.close())

      expect(kinesis.violations).toEqual([])
      const records = withoutDuplicates(kinesis.stored)
      expect(bySymbol(records.flatMap((record) => record.ticks))).toEqual(bySymbol(ticks))
      for (const numbered of Map.groupBy(records, (record) => record.symbol).values()) {
        expect(numbered.map(({ sequence }) => sequence - options.startSequence)).toEqual([...numbered.keys()])
      }
      expect(records.every((record) => record.ticks.length <= options.maxTicksPerRecord)).toBe(true)
      expect(publisher.stats()).toMatchObject({ ticksAcknowledged: ticks.length, putCallsUnderWay: 0 })
    }),
    { numRuns: 150 },
  )
})
