import fc from 'fast-check'
import { expect, it } from 'vitest'

import { plainFold } from '../../bin/stage/verify/plain-fold.ts'
import { minuteOf } from '../../functions/domain/bar-builder.ts'
import type { Trade } from '../../functions/domain/trade.ts'
import type { BarRecord } from '../../functions/shared/streams/records.ts'
import { barsIn } from '../support/bars-in.ts'
import { trade } from '../support/trades.ts'
import { BEGIN, shardRecord, World, type WorldFault } from '../support/world.ts'

const LINE = { name: 'XVEN', isContiguous: true }
const RULES = { latenessSeconds: 600, graceMs: 2000 }
const INSTANCES = 4

/** What the venue has executed: ids from some number on without a hole, in the order of time. */
const venueArbitrary = fc
  .tuple(
    fc.nat(3),
    fc.array(
      fc.record({
        step: fc.integer({ min: 0, max: 40 }),
        price: fc.integer({ min: 1, max: 9 }),
        volume: fc.nat(5),
      }),
      {
        minLength: 1,
        maxLength: 14,
      },
    ),
  )
  .map(([first, executed]) => {
    let seconds = BEGIN
    return executed.map(({ step, price, volume }, index) =>
      trade({ seconds: (seconds += step), price, volume, id: first + index }),
    )
  })

/** Records that two producers make of it, each with holes, delays, restarts that repeat, on shards as they like. */
const sentArbitrary = fc.array(
  fc.record({
    shard: fc.nat(1),
    from: fc.nat(13),
    length: fc.integer({ min: 1, max: 4 }),
    type: fc.constantFrom('trade', 'trade', 'trade', 'trade', 'cancel'),
    /** Trades of a source without ids besides. */
    unnamed: fc.constantFrom(false, false, false, true),
  }),
  { minLength: 1, maxLength: 16, size: 'max' },
)

const stepsArbitrary = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant('deliver' as const),
        shard: fc.nat(1),
        count: fc.integer({ min: 1, max: 4 }),
        to: fc.oneof(
          { weight: 4, arbitrary: fc.tuple(fc.nat(INSTANCES - 1)) },
          fc.uniqueArray(fc.nat(INSTANCES - 1), { minLength: 2, maxLength: 3 }),
        ),
        again: fc.constantFrom(0, 0, 1, 3),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('clock' as const), ms: fc.nat(200_000) }) },
    { weight: 1, arbitrary: fc.constant({ type: 'sweep' as const }) },
    { weight: 1, arbitrary: fc.constant({ type: 'flush' as const }) },
  ),
  { maxLength: 30, size: 'max' },
)
const faultsArbitrary = fc.oneof(
  fc.constant([]),
  fc.array(fc.constantFrom<WorldFault>('none', 'none', 'none', 'before', 'after', 0b01, 0b10, 0b11), {
    maxLength: 60,
    size: 'max',
  }),
)

type Sent = (typeof sentArbitrary extends fc.Arbitrary<infer Value> ? Value : never)[number]

function send(venue: readonly Trade[], records: readonly Sent[]) {
  const shards = [0, 1].map((): ReturnType<typeof shardRecord>[] => [])
  const named = new Map<number, Trade>()
  const cancelled = new Set<number>()
  const unnamed: Trade[] = []
  for (const { shard, from, length, type, unnamed: isUnnamed } of records) {
    const trades = venue.slice(from % venue.length, (from % venue.length) + length)
    const tuple = ({ seconds, price, volume, id }: Trade) => [
      seconds,
      price.units,
      volume.units,
      ...(isUnnamed ? [] : [id]),
    ]
    const line = { line: LINE.name, contiguous: true }
    const [first] = trades
    if (first === undefined) continue
    const { seconds, price, volume, id = -1 } = first
    const record =
      type === 'cancel'
        ? { symbol: 'A', ...line, type, id, timestamp: seconds, price: price.units, volume: volume.units }
        : { symbol: 'A', ...(isUnnamed ? {} : line), ticks: trades.map(tuple) }
    if (type === 'cancel') {
      cancelled.add(id)
      named.set(id, first)
    } else if (isUnnamed) unnamed.push(...trades)
    else for (const each of trades) named.set(each.id ?? -1, each)
    const stream = shards[shard]
    stream?.push(shardRecord({ data: JSON.stringify(record), symbol: 'A' }, { shard, place: stream.length }))
  }
  return { shards, named, cancelled, unnamed }
}

/** The minutes to which a trade that never came may belong: from that of the one before it to that of the one after. */
function minutesLackingTrades(named: ReadonlyMap<number, Trade>): Set<number> {
  const come = [...named].toSorted(([one], [other]) => one - other)
  const lacking = new Set<number>()
  for (const [index, [id, { seconds }]] of come.entries()) {
    const next = come[index + 1]
    if (next === undefined || next[0] === id + 1) continue
    for (let minute = minuteOf(seconds); minute <= next[1].seconds; minute += 60) lacking.add(minute)
  }
  return lacking
}

const barsOf = (world: World): BarRecord[] => world.bars.flatMap(barsIn)

it('each trade is in its bar once, from whichever producer, shard and instance, and the bar says if one is missing', async () => {
  await fc.assert(
    fc.asyncProperty(
      venueArbitrary,
      sentArbitrary,
      stepsArbitrary,
      faultsArbitrary,
      fc.constantFrom(Infinity, 1, 2),
      async (venue, records, steps, faults, maxPending) => {
        const { shards, named, cancelled, unnamed } = send(venue, records)
        const world = new World(shards, { faults, rules: { ...RULES, maxPending }, instances: INSTANCES })
        for (const step of steps) {
          try {
            if (step.type === 'deliver') await world.deliver(step)
            else if (step.type === 'clock') await world.clock(step.ms)
            else await world.sweep(step.type === 'flush' ? 'all' : 'due')
          } catch {
            // It died here; the next step finds what it left.
          }
        }
        await world.finish()

        const emitted = Map.groupBy(barsOf(world), ({ timestamp }) => Date.parse(timestamp) / 1000)
        const kept = [...named].filter(([id]) => !cancelled.has(id)).map(([, each]) => each)
        const expected = plainFold([...kept, ...unnamed])
        const lacking = minutesLackingTrades(named)
        const changed = new Set([...cancelled].map((id) => minuteOf(named.get(id)?.seconds ?? 0)))
        const uncounted = new Set(unnamed.map(({ seconds }) => minuteOf(seconds)))
        for (const [start, bar] of expected) {
          const revisions = emitted.get(start) ?? []
          const last = revisions.reduce((newest, each) => (each.revision > newest.revision ? each : newest))
          expect(last).toMatchObject({
            withdrawn: false,
            volume: bar.volume,
            notional: bar.notional,
            trade_count: bar.tradeCount,
          })
          // A cancelled trade may have made a price, which then stays, and the bar says so.
          const mayBeDamaged = changed.has(start) && last.complete === false
          if (!mayBeDamaged) {
            const { open, high, low, close } = last
            const { open: first, close: latest, ...prices } = bar
            expect({ high, low }).toMatchObject({ high: prices.high, low: prices.low })
            // At one time the order of arrival decides, which two shards do not have.
            const atOnce = (seconds: number | undefined) =>
              [...kept, ...unnamed].filter((each) => each.seconds === seconds).length > 1
            const times = [...kept, ...unnamed]
              .map((each) => each.seconds)
              .filter((each) => minuteOf(each) === start)
            if (!atOnce(Math.min(...times))) expect(open).toBe(first)
            if (!atOnce(Math.max(...times))) expect(close).toBe(latest)
            expect(last.complete).toBe(lacking.has(start) ? false : uncounted.has(start) ? null : true)
          }
          expect(new Set(revisions.map(({ revision }) => revision)).size).toBe(last.revision)
        }
        // A bar whose trades were all cancelled is withdrawn.
        for (const [start, revisions] of emitted)
          if (!expected.has(start)) {
            const last = revisions.reduce((newest, each) => (each.revision > newest.revision ? each : newest))
            expect(last).toMatchObject({ trade_count: 0, volume: '0', withdrawn: true })
          }
        const isCalm =
          faults.length === 0 && steps.every((step) => step.type !== 'deliver' || step.to.length === 1)
        if (!isCalm) return
        const puts = Map.groupBy(barsOf(world), ({ timestamp, revision }) => `${timestamp} ${revision}`)
        expect(Math.max(0, ...[...puts.values()].map(({ length }) => length))).toBeLessThanOrEqual(2)
      },
    ),
    { numRuns: 1000 },
  )
})
