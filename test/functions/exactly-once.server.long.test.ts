import type { KinesisStreamRecord } from 'aws-lambda'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { minuteOf } from '../../functions/domain/bar-builder.ts'
import { isEarlier, type Trade } from '../../functions/domain/trade.ts'
import type { Database } from '../../functions/shared/postgres/database.ts'
import { type BarRecord, parseBarRecord } from '../../functions/shared/streams/records.ts'
import { plainFold } from '../../bin/stage/verify/plain-fold.ts'
import { barsIn } from '../support/bars-in.ts'
import { createDatabase, type TestDatabase } from '../support/test-database.ts'
import { trade } from '../support/trades.ts'
import { BEGIN, shardRecord, World, type WorldFault } from '../support/world.ts'

const RULES = { latenessSeconds: 120, graceMs: 2000 }
const T = BEGIN
const SYMBOLS = ['A', 'B'] as const
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
        shard: fc.constant(0),
        /** With a zombie, which works on the batch that was given to another. */
        to: fc.constantFrom([0], [1], [0, 1], [2]),
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
      return trade({ seconds, price: priceInteger, volume: volumeInteger })
    })
    sent.push({ symbol, sequence: index, ticks: made })
    const data = JSON.stringify({
      symbol,
      ...(puts !== 'unnumbered' && { source: 'test', sequence: index }),
      ticks: ticks.map(({ priceInteger, volumeInteger }, place) => [
        made[place]?.seconds,
        priceInteger,
        volumeInteger,
      ]),
    })
    for (let put = 0; put < (puts === 'twice' ? 2 : 1); put++)
      stream.push(shardRecord({ data, symbol }, { shard: 0, place: stream.length }))
  }
  return { sent, stream }
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

const revisionsSchema = z.array(z.looseObject({ timestamp: z.date(), trade_count: z.coerce.number() }))

/** Every revision that is current or was, as `saidOf` has it. */
async function readRevisions(): Promise<string[]> {
  const columns = `symbol, timestamp, '1Min' AS timeframe, revision, open::text, high::text, low::text, close::text,
    volume::text, notional::text, vwap::text, trade_count, complete, 0 AS closed_at`
  const { rows } = await database.query(
    `SELECT ${columns} FROM ohlcv_1min UNION ALL SELECT ${columns} FROM bar_revisions`,
  )
  return revisionsSchema.parse(rows).map(({ timestamp, ...row }) => {
    const minute = timestamp.toISOString().replace('.000Z', 'Z')
    return JSON.stringify(
      withoutClose(parseBarRecord(JSON.stringify({ type: 'bar', ...row, timestamp: minute }))),
    )
  })
}

/** Without what differs when the same revision is put twice. */
function saidOf(record: KinesisStreamRecord): Omit<BarRecord, 'closed_at'>[] {
  return barsIn(record).map(withoutClose)
}

function withoutClose({ closed_at: _closedAt, ...said }: BarRecord): Omit<BarRecord, 'closed_at'> {
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
          await database.query('DELETE FROM bar_revisions')
          const world = new World([stream], {
            faults,
            rules: { ...RULES, maxPending },
            instances: 3,
            database,
          })
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
          await world.write({ count: world.bars.length, zombie: 0 })
          const rows = await readRows()
          const emitted = Map.groupBy(
            world.bars.flatMap(saidOf),
            ({ symbol, timestamp }) => `${symbol} ${Date.parse(timestamp) / 1000}`,
          )
          const expected = SYMBOLS.flatMap((symbol) =>
            [...plainFold(accepted(sent, symbol)).values()]
              .toSorted((a, b) => a.start - b.start)
              .map(({ notional: _notional, ...bar }) => ({ ...bar, symbol })),
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
          // Clients were sent each of them.
          const put = new Set([...emitted.values()].flat().map((bar) => JSON.stringify(bar)))
          expect(new Set(await readRevisions())).toEqual(put)
        },
      ),
      { numRuns: 1000 },
    )
  })
})
