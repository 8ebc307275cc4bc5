import type { KinesisStreamRecord } from 'aws-lambda'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { aggregate, type AggregatorDeps } from '../../functions/aggregator/aggregate.ts'
import { closeOverdue } from '../../functions/aggregator/close-overdue.ts'
import { createBarWriter } from '../../functions/bar-writer/bar-writer.ts'
import type { Rules } from '../../functions/domain/evolve.ts'
import { minuteOf } from '../../functions/domain/bar-builder.ts'
import type { MinuteState } from '../../functions/domain/minute-state.ts'
import { isEarlier, type Trade } from '../../functions/domain/trade.ts'
import { createBarStream } from '../../functions/minute-state/bar-stream.ts'
import { minuteStateCodec } from '../../functions/minute-state/store.ts'
import type { Database } from '../../functions/shared/postgres/database.ts'
import type { PutRecords } from '../../functions/shared/streams/put-in-order.ts'
import { type BarRecord, parseBarRecord } from '../../functions/shared/streams/records.ts'
import type { StateStore } from '../../functions/shared/dynamodb/state-store.ts'
import { sweep } from '../../functions/sweeper/sweep.ts'
import { type Fault, meetFault } from '../support/faults.ts'
import { kinesisRecord } from '../support/kinesis-event.ts'
import { createMemoryStateStore } from '../support/memory-state-store.ts'
import { plainFold } from '../../bin/stage/verify/plain-fold.ts'
import { createDatabase, type TestDatabase } from '../support/test-database.ts'

const RULES = { latenessSeconds: 120, graceMs: 2000 }
const T = 1_760_106_720
const SYMBOLS = ['A', 'B'] as const
/**
 * Calls to table, stream and database in which an aggregator, sweeper or writer may die: `before`, the call did nothing;
 * `after`, nobody learns that it did. A number has a bit for each record of a put that the stream refuses.
 */
type WorldFault = Fault | number
type Sent = { readonly symbol: string; readonly sequence: number; readonly ticks: readonly Trade[] }

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
  { minLength: 1, maxLength: 25, size: 'max' },
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
      arbitrary: fc.record({
        type: fc.constant('write' as const),
        count: fc.integer({ min: 1, max: 5 }),
        /** How far back a zombie begins that writes two bars of before. */
        zombie: fc.constantFrom(0, 0, 2, 5),
      }),
    },
  ),
  { maxLength: 40, size: 'max' },
)
const faultsArbitrary = fc.array(
  fc.constantFrom<WorldFault>('none', 'none', 'none', 'none', 'before', 'after', 0b01, 0b10, 0b11),
  { maxLength: 100, size: 'max' },
)

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
        numbered(
          { data, partitionKey: symbol, sequence: stream.length, arrivedAt: (T + 100_000) * 1000 },
          // With one digit more from the fourth on: numbers are to be compared as numbers.
          String(7 + stream.length),
        ),
      )
  }
  return { sent, stream }
}

function numbered(record: Parameters<typeof kinesisRecord>[0], sequenceNumber: string): KinesisStreamRecord {
  const made = kinesisRecord(record)
  return { ...made, kinesis: { ...made.kinesis, sequenceNumber } }
}

/** The ticks that the rule about lateness accepts, which depends on nothing but the order of the stream. */
function accepted(sent: readonly Sent[], symbol: string): Trade[] {
  const ticks: Trade[] = []
  let newest: Trade | undefined
  for (const tick of sent.filter((record) => record.symbol === symbol).flatMap((record) => record.ticks)) {
    const isCurrent = newest === undefined || minuteOf(tick.seconds) >= minuteOf(newest.seconds)
    if (!isCurrent && newest !== undefined && newest.seconds - tick.seconds > RULES.latenessSeconds) continue
    ticks.push(tick)
    if (newest === undefined || isEarlier(newest, tick)) newest = tick
  }
  return ticks
}

class World {
  /** The stream `bars`. */
  readonly bars: KinesisStreamRecord[] = []
  now = T * 1000
  #written = 0
  #checkpoint = 0
  readonly #store = createMemoryStateStore(minuteStateCodec)
  readonly #faults: WorldFault[]
  readonly #rules: Rules
  readonly #stream: readonly KinesisStreamRecord[]
  #aggregators: readonly AggregatorDeps[]
  readonly #writer: ReturnType<typeof createBarWriter>

  constructor(
    stream: readonly KinesisStreamRecord[],
    {
      faults,
      maxPending,
      database,
    }: { readonly faults: readonly WorldFault[]; readonly maxPending: number; readonly database: Database },
  ) {
    this.#stream = stream
    this.#rules = { ...RULES, maxPending }
    this.#faults = [...faults]
    this.#aggregators = [this.#start(), this.#start()]
    this.#writer = createBarWriter({
      database: { query: (text, values) => this.#call(() => database.query(text, values)) },
      deadLetters: (rejected) =>
        this.#call(() => {
          if (rejected.length > 0) throw new Error('the bar-writer refused a bar')
        }),
      now: () => this.now,
      log: { error: () => {} },
      measure: () => {},
    })
  }

  #call<Result>(work: () => Promise<Result> | Result): Promise<Result> {
    return meetFault(this.#faults, work)
  }

  #start(): AggregatorDeps {
    const store = this.#store
    return {
      rules: this.#rules,
      cache: new Map(),
      now: () => this.now,
      deadLetters: () => this.#call(() => {}),
      store: {
        load: (keys) => this.#call(() => store.load(keys)),
        commit: (key, state, guard) => this.#call(() => store.commit(key, state, guard)),
        pending: () => this.#pending(),
      },
      sink: createBarStream((_, records) => this.#put(records), 'bars', { backOff: async () => {} }),
    }
  }

  /** A scan that can fail at its first page or at a later one. */
  async *#pending(): ReturnType<StateStore<MinuteState>['pending']> {
    await this.#call(() => {})
    for await (const found of this.#store.pending()) {
      yield found
      await this.#call(() => {})
    }
  }

  async #put(records: Parameters<PutRecords>[1]): ReturnType<PutRecords> {
    const [fault] = this.#faults
    const refused = typeof fault === 'number' ? fault : 0
    return await this.#call(() => {
      const Records = records.map(({ PartitionKey = '', Data = Buffer.of() }, index) => {
        if (((refused >> index) & 1) === 1) return { ErrorCode: 'ProvisionedThroughputExceededException' }
        const data = Buffer.from(Data).toString()
        const sequence = this.bars.length
        this.bars.push(kinesisRecord({ data, partitionKey: PartitionKey, sequence, arrivedAt: this.now }))
        return { SequenceNumber: String(sequence) }
      })
      return { FailedRecordCount: Records.filter((record) => 'ErrorCode' in record).length, Records }
    })
  }

  async deliver({ count, to, again }: { count: number; to: string; again: number }): Promise<boolean> {
    const batch = this.#stream.slice(Math.max(0, this.#checkpoint - again), this.#checkpoint + count)
    const [first, second] = this.#aggregators
    const workers = [first, second].filter(
      (_, index) => to === 'both' || to === (index === 0 ? 'first' : 'second'),
    )
    const [main, ...zombies] = workers.map((parts) =>
      parts === undefined ? undefined : aggregate(parts, batch),
    )
    const [result] = await Promise.allSettled([main, ...zombies])
    if (result?.status !== 'fulfilled' || result.value === undefined) {
      // The instance died, and its cache with it.
      this.#aggregators = this.#aggregators.map((parts) =>
        Math.abs(batch.length) % 2 === 0 ? this.#start() : parts,
      )
      return false
    }
    const { firstFailure } = result.value
    const failedAt = batch.findIndex(({ kinesis }) => kinesis.sequenceNumber === firstFailure?.sequenceNumber)
    const handled = failedAt < 0 ? batch : batch.slice(0, failedAt)
    const last = handled.at(-1)
    if (last !== undefined) this.#checkpoint = Math.max(this.#checkpoint, this.#stream.indexOf(last) + 1)
    return firstFailure === undefined
  }

  async clock(ms: number): Promise<void> {
    this.now += ms
    const [first] = this.#aggregators
    if (first !== undefined) await closeOverdue(first, { error: () => {} })
  }

  async sweep(kind: 'due' | 'all'): Promise<void> {
    await sweep(this.#start(), kind, () => this.now)
  }

  /** Its checkpoint moves when the writer has answered; a zombie's answer reaches nobody. */
  async write({ count, zombie }: { readonly count: number; readonly zombie: number }): Promise<void> {
    const batch = this.bars.slice(this.#written, this.#written + count)
    const from = Math.max(0, this.#written - zombie)
    const old = this.bars.slice(from, Math.min(from + 2, this.#written))
    const [result] = await Promise.allSettled([
      this.#writer({ Records: batch }),
      ...(old.length > 0 ? [this.#writer({ Records: old })] : []),
    ])
    if (result.status === 'rejected') throw result.reason
    this.#written += batch.length
  }

  async finish(): Promise<void> {
    this.#faults.length = 0
    for (let deliveries = 0; this.#checkpoint < this.#stream.length; deliveries++) {
      if (deliveries > this.#stream.length) throw new Error('without a fault a batch is not taken')
      await this.deliver({ count: 3, to: 'first', again: 1 })
    }
    await this.deliver({ count: 1, to: 'second', again: 5 })
    await this.sweep('all')
    await this.write({ count: this.bars.length, zombie: 0 })
  }

  /** The first half of the bars comes once more, without what may have revised it. */
  async writeFirstHalf(): Promise<void> {
    await this.#writer({ Records: this.bars.slice(0, this.bars.length / 2) })
  }
}

const rowsSchema = z.array(
  z.object({ symbol: z.string(), start: z.int(), revision: z.int() }).catchall(z.unknown()),
)

let server: TestDatabase
let database: Database

beforeAll(async () => {
  server = await createDatabase()
  database = server.open('app_readwrite')
})

afterAll(async () => {
  await database.end()
  await server.remove()
})

async function readRows() {
  const { rows } =
    await database.query(`SELECT symbol, extract(epoch FROM timestamp)::int AS start, open::text, high::text,
    low::text, close::text, volume::text, vwap::text, trade_count::int AS "tradeCount", revision
    FROM ohlcv_1min ORDER BY symbol, timestamp`)
  return rowsSchema.parse(rows)
}

/** Without what differs when the same revision is put twice. */
function saidOf(record: KinesisStreamRecord): Omit<BarRecord, 'closed_at'> {
  const { closed_at: _, ...said } = parseBarRecord(
    Buffer.from(record.kinesis.data, 'base64').toString('utf8'),
  )
  return said
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
          await database.query('DELETE FROM ohlcv_1min')
          const world = new World(stream, { faults, maxPending, database })
          for (const step of steps) {
            try {
              if (step.type === 'deliver') await world.deliver(step)
              else if (step.type === 'clock') await world.clock(step.ms)
              else if (step.type === 'write') await world.write(step)
              else await world.sweep(step.type === 'flush' ? 'all' : 'due')
            } catch {
              // It died here; the next step finds what it left.
            }
          }
          await world.finish()
          const rows = await readRows()
          const emitted = Map.groupBy(
            world.bars.map(saidOf),
            ({ symbol, timestamp }) => `${symbol} ${Date.parse(timestamp) / 1000}`,
          )
          const expected = SYMBOLS.flatMap((symbol) =>
            [...plainFold(accepted(sent, symbol)).values()]
              .toSorted((a, b) => a.start - b.start)
              .map((bar) => ({ ...bar, symbol })),
          )
          expect(rows.map(({ revision: _revision, ...row }) => row)).toEqual(expected)
          await world.writeFirstHalf()
          expect(await readRows()).toEqual(rows)
          for (const { symbol, start, revision } of rows) {
            const seen = emitted.get(`${symbol} ${start}`) ?? []
            expect(new Set(seen.map((bar) => bar.revision)).size).toBe(revision)
            // The same revision always says the same.
            expect(new Set(seen.map((bar) => JSON.stringify(bar))).size).toBe(revision)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })
})
