import type { KinesisStreamRecord } from 'aws-lambda'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { aggregate, type AggregatorParts } from '../../functions/aggregator/aggregate.ts'
import { closeOverdue } from '../../functions/aggregator/close-overdue.ts'
import { type Bar, barOf } from '../../functions/domain/bar.ts'
import type { Rules } from '../../functions/domain/evolve.ts'
import { minuteOf } from '../../functions/domain/minute.ts'
import { isEarlier, type Tick } from '../../functions/domain/tick.ts'
import { minuteStateCodec } from '../../functions/shared/minute-state-store.ts'
import { sweep } from '../../functions/sweeper/sweep.ts'
import { kinesisRecord } from '../support/kinesis-event.ts'
import { createMemoryStateStore } from '../support/memory-state-store.ts'
import { plainFold } from '../../bin/verify/plain-fold.ts'

const RULES = { latenessSeconds: 120, graceMs: 2000 }
const T = 1_760_106_720
const SYMBOLS = ['A', 'B'] as const
/** Calls to store, stream and database after which an aggregator or writer may die; before, the call did nothing. */
type Fault = 'none' | 'before' | 'after'
type Sent = { readonly symbol: string; readonly sequence: number; readonly ticks: readonly Tick[] }

const tickArbitrary = fc.record({
  // Mostly forward, now and then late, seldom too late.
  step: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 25 }) },
    fc.integer({ min: -260, max: 90 }),
  ),
  priceInteger: fc.integer({ min: 1, max: 1000 }),
  volumeInteger: fc.nat(50),
})
const recordsArbitrary = fc.array(
  fc.record({
    symbol: fc.constantFrom(...SYMBOLS),
    ticks: fc.array(tickArbitrary, { minLength: 1, maxLength: 4 }),
    /** How many times the producer puts it (a response was lost); a producer that does not number puts once. */
    puts: fc.constantFrom('once', 'twice', 'unnumbered'),
  }),
  { minLength: 1, maxLength: 25 },
)
const stepsArbitrary = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant('deliver' as const),
        count: fc.integer({ min: 1, max: 6 }),
        /** `both`: a zombie works on the batch that was given to another. */
        to: fc.constantFrom('first', 'second', 'both'),
        /** Records before the checkpoint that come again. */
        again: fc.constantFrom(0, 0, 1, 3),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('clock' as const), ms: fc.nat(200_000) }) },
    { weight: 1, arbitrary: fc.constant({ type: 'sweep' as const }) },
    { weight: 1, arbitrary: fc.constant({ type: 'flush' as const }) },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('write' as const), count: fc.integer({ min: 1, max: 5 }) }),
    },
  ),
  { maxLength: 40 },
)
const faultsArbitrary = fc.array(fc.constantFrom<Fault>('none', 'none', 'none', 'none', 'before', 'after'), {
  maxLength: 60,
})

/** Bars after which a record or batch is taken in parts. */
const pendingArbitrary = fc.constantFrom(Infinity, 1, 2)

type Records = typeof recordsArbitrary extends fc.Arbitrary<infer Value> ? Value : never

function send(records: Records): { sent: Sent[]; stream: KinesisStreamRecord[] } {
  const times = new Map<string, number>()
  const sent: Sent[] = []
  const stream: KinesisStreamRecord[] = []
  for (const [index, { symbol, ticks, puts }] of records.entries()) {
    const made = ticks.map(({ step, priceInteger, volumeInteger }) => {
      const seconds = Math.max(T, (times.get(symbol) ?? T) + step)
      times.set(symbol, Math.max(seconds, times.get(symbol) ?? T))
      return { seconds, nanos: 0, priceInteger, priceFraction: 0, volumeInteger, volumeFraction: 0 }
    })
    sent.push({ symbol, sequence: index, ticks: made })
    const data = JSON.stringify({
      symbol,
      ...(puts !== 'unnumbered' && { source: 'test', sequence: index }),
      ticks: made.map((tick) => [tick.seconds, tick.priceInteger, tick.volumeInteger]),
    })
    for (let put = 0; put < (puts === 'twice' ? 2 : 1); put++)
      stream.push(
        kinesisRecord({
          data,
          partitionKey: symbol,
          sequence: stream.length,
          arrivedAt: (T + 100_000) * 1000,
        }),
      )
  }
  return { sent, stream }
}

/** The ticks that the rule about lateness accepts, which depends on nothing but the order of the stream. */
function accepted(sent: readonly Sent[], symbol: string): Tick[] {
  const ticks: Tick[] = []
  let newest: Tick | undefined
  for (const tick of sent.filter((record) => record.symbol === symbol).flatMap((record) => record.ticks)) {
    const isCurrent = newest === undefined || minuteOf(tick.seconds) >= minuteOf(newest.seconds)
    if (!isCurrent && newest !== undefined && newest.seconds - tick.seconds > RULES.latenessSeconds) continue
    ticks.push(tick)
    if (newest === undefined || isEarlier(newest, tick)) newest = tick
  }
  return ticks
}

class World {
  readonly bars: Bar[] = []
  readonly rows = new Map<string, Bar>()
  now = T * 1000
  private written = 0
  private checkpoint = 0
  private readonly store = createMemoryStateStore(minuteStateCodec)
  private readonly faults: Fault[]
  private readonly rules: Rules
  private readonly stream: readonly KinesisStreamRecord[]
  private aggregators: readonly AggregatorParts[]

  constructor(
    stream: readonly KinesisStreamRecord[],
    { faults, maxPending }: { readonly faults: readonly Fault[]; readonly maxPending: number },
  ) {
    this.stream = stream
    this.rules = { ...RULES, maxPending }
    this.faults = [...faults]
    this.aggregators = [this.start(), this.start()]
  }

  private async call<Result>(work: () => Promise<Result> | Result): Promise<Result> {
    const fault = this.faults.shift() ?? 'none'
    if (fault === 'before') throw new Error('died before the call took effect')
    const result = await work()
    if (fault === 'after') throw new Error('died after the call took effect')
    return result
  }

  private start(): AggregatorParts {
    const { store } = this
    return {
      rules: this.rules,
      cache: new Map(),
      now: () => this.now,
      deadLetters: () => this.call(() => {}),
      store: {
        load: (keys) => this.call(() => store.load(keys)),
        commit: (key, state, guard) => this.call(() => store.commit(key, state, guard)),
        pending: () => store.pending(),
      },
      sink: (pending) =>
        this.call(() => {
          for (const [symbol, all] of pending)
            for (const { minute, closedAt } of all) this.bars.push(barOf(symbol, minute, { closedAt }))
        }),
    }
  }

  async deliver({ count, to, again }: { count: number; to: string; again: number }): Promise<boolean> {
    const batch = this.stream.slice(Math.max(0, this.checkpoint - again), this.checkpoint + count)
    const [first, second] = this.aggregators
    const workers = [first, second].filter(
      (_, index) => to === 'both' || to === (index === 0 ? 'first' : 'second'),
    )
    const [main, ...zombies] = workers.map((parts) =>
      parts === undefined ? undefined : aggregate(parts, batch),
    )
    const [result] = await Promise.allSettled([main, ...zombies])
    if (result?.status !== 'fulfilled' || result.value === undefined) {
      // The instance died, and its cache with it.
      this.aggregators = this.aggregators.map((parts) =>
        Math.abs(batch.length) % 2 === 0 ? this.start() : parts,
      )
      return false
    }
    const { firstFailure } = result.value
    const handled =
      firstFailure === undefined
        ? batch
        : batch.filter((record) => record.kinesis.sequenceNumber < firstFailure.sequenceNumber)
    const last = handled.at(-1)
    if (last !== undefined) this.checkpoint = Math.max(this.checkpoint, this.stream.indexOf(last) + 1)
    return firstFailure === undefined
  }

  async clock(ms: number): Promise<void> {
    this.now += ms
    const [first] = this.aggregators
    if (first !== undefined) await closeOverdue(first, { error: () => {} })
  }

  async sweep(kind: 'due' | 'all'): Promise<void> {
    await sweep(this.start(), kind, () => this.now)
  }

  /** The bar writer: a guarded upsert, and a checkpoint that may come after a crash. */
  async write(count: number): Promise<void> {
    const batch = this.bars.slice(this.written, this.written + count)
    await this.call(() => {
      for (const bar of batch) {
        const key = `${bar.symbol} ${bar.start}`
        if (bar.revision > (this.rows.get(key)?.revision ?? 0)) this.rows.set(key, bar)
      }
    })
    this.written += batch.length
  }

  async finish(): Promise<void> {
    this.faults.length = 0
    while (this.checkpoint < this.stream.length) await this.deliver({ count: 3, to: 'first', again: 1 })
    await this.deliver({ count: 1, to: 'second', again: 5 })
    await this.sweep('all')
    await this.write(this.bars.length)
  }
}

describe('whatever is redelivered, comes late, conflicts or dies', () => {
  it('the bars are the plain fold of the accepted ticks, and no revision is missing', async () => {
    await fc.assert(
      fc.asyncProperty(
        recordsArbitrary,
        stepsArbitrary,
        faultsArbitrary,
        pendingArbitrary,
        async (records, steps, faults, maxPending) => {
          const { sent, stream } = send(records)
          const world = new World(stream, { faults, maxPending })
          for (const step of steps) {
            try {
              if (step.type === 'deliver') await world.deliver(step)
              else if (step.type === 'clock') await world.clock(step.ms)
              else if (step.type === 'write') await world.write(step.count)
              else await world.sweep(step.type === 'flush' ? 'all' : 'due')
            } catch {
              // It died here; the next step finds what it left.
            }
          }
          await world.finish()
          for (const symbol of SYMBOLS) {
            const rows = [...world.rows.values()].filter((bar) => bar.symbol === symbol)
            const plain = rows
              .map(({ symbol: _symbol, revision: _revision, closedAt: _closedAt, ...bar }) => bar)
              .toSorted((a, b) => a.start - b.start)
            const expected = [...plainFold(accepted(sent, symbol)).values()].toSorted(
              (a, b) => a.start - b.start,
            )
            expect(plain).toEqual(expected)
            for (const { start, revision } of rows) {
              const seen = world.bars.filter((bar) => bar.symbol === symbol && bar.start === start)
              expect(new Set(seen.map((bar) => bar.revision)).size).toBe(revision)
              // The same revision always says the same.
              expect(new Set(seen.map((bar) => JSON.stringify({ ...bar, closedAt: 0 }))).size).toBe(revision)
            }
          }
        },
      ),
      { numRuns: 1500 },
    )
  })
})
