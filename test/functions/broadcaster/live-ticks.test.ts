import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { LiveTicks, WINDOW_MS } from '../../../functions/broadcaster/live-ticks.ts'
import { formatDecimal } from '../../../functions/domain/decimal.ts'
import { type Trade, tradesOf, type TradeRun } from '../../../functions/domain/trade.ts'

const T = 1_760_106_720
const decimal = z.string().regex(/^-?\d+(\.\d*[1-9])?$/)
const recordSchema = z.strictObject({
  type: z.literal('ticks'),
  symbol: z.string(),
  open: decimal,
  high: decimal,
  low: decimal,
  close: decimal,
  volume: decimal,
  trades: z.int().min(1),
  time: z.number(),
})

const trade = (second: number, cents: number, nanos = 0): Trade => ({
  seconds: T + second,
  nanos,
  price: { units: cents, scale: 2 },
  volume: { units: 15, scale: 1 },
})
const run = (trades: readonly Trade[], type: TradeRun['type'] = 'trade', shard = '0'): TradeRun => ({
  shard,
  sequenceNumber: '1',
  arrivedAt: 0,
  producer: undefined,
  line: undefined,
  type,
  trades: tradesOf(trades),
})
const read = (live: LiveTicks, arrivedAt: number, shard = '0') =>
  live.due(arrivedAt, shard).map(({ text }) => recordSchema.parse(JSON.parse(text)))

describe('live ticks', () => {
  it('go on at once when the clock of the stream has gone back', () => {
    const live = new LiveTicks()
    live.take('A', [run([trade(1, 100)])])
    expect(read(live, 300_000)).toHaveLength(1)
    live.take('A', [run([trade(2, 200)])])
    expect(read(live, 0)).toMatchObject([{ close: '2' }])
    live.take('A', [run([trade(3, 300)])])
    expect(read(live, WINDOW_MS - 1)).toEqual([])
  })

  it('are four a second at the most while batches of another shard come in turn, behind or ahead', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.nat(60)), { maxLength: 200 }),
        fc.integer(),
        (steps, lag) => {
          const live = new LiveTicks()
          const clocks = { own: 1_000_000, other: 1_000_000 - (lag % 5000) }
          const sent: number[] = []
          for (const [isOwn, passed] of steps) {
            const shard = isOwn ? 'own' : 'other'
            clocks[shard] += passed
            live.take(isOwn ? 'A' : 'B', [run([trade(1, 100)], 'trade', shard)])
            const ofA = read(live, clocks[shard], shard).filter(({ symbol }) => symbol === 'A')
            if (ofA.length > 0) sent.push(clocks[shard])
          }
          const gaps = sent.slice(1).map((at, place) => at - (sent[place] ?? 0))
          expect(gaps.filter((gap) => gap < WINDOW_MS)).toEqual([])
        },
      ),
    )
  })

  it('are one record for a symbol and batch, exact, with the time of the last trade', () => {
    const live = new LiveTicks()
    live.take('A"B', [
      run([trade(1, 15_025), trade(2, 15_100, 123_000_000)]),
      run([trade(2, 14_900, 5), trade(0, 15_050)]),
    ])
    expect(live.due(0, '0').map(({ text }) => text)).toEqual([
      '{"type":"ticks","symbol":"A\\"B","open":"150.5","high":"151","low":"149","close":"151","volume":"6","trades":4,"time":1760106722.123}',
    ])
  })

  it('wait for a quarter of a second after a record, and come with the next batch of any symbol', () => {
    const live = new LiveTicks()
    live.take('A', [run([trade(1, 100)])])
    expect(read(live, 1000)).toHaveLength(1)
    live.take('A', [run([trade(2, 200)])])
    expect(read(live, 1000 + WINDOW_MS - 1)).toEqual([])
    live.take('A', [run([trade(3, 300)])])
    live.take('B', [run([trade(3, 900)])])
    expect(read(live, 1000 + WINDOW_MS)).toEqual([
      expect.objectContaining({ symbol: 'A', open: '2', close: '3', trades: 2, volume: '3' }),
      expect.objectContaining({ symbol: 'B', trades: 1 }),
    ])
    expect(read(live, 2000)).toEqual([])
  })

  it('leave out what a later minute has followed, cancels and corrections', () => {
    const live = new LiveTicks()
    live.take('A', [run([trade(59, 100), trade(60, 200), trade(58, 300)])])
    live.take('A', [run([trade(61, 900)], 'cancel'), run([trade(61, 900)], 'correct')])
    expect(read(live, 0)).toEqual([expect.objectContaining({ open: '2', high: '2', low: '2', trades: 1 })])
    live.take('A', [run([trade(62, 400)])])
    live.take('A', [run([trade(120, 500)])])
    expect(read(live, 1000)).toEqual([expect.objectContaining({ open: '5', trades: 1, time: T + 120 })])
  })

  it('are at most four a second and symbol, and together are all trades of the newest minute', () => {
    const batch = fc.record({
      waited: fc.integer({ min: 0, max: 400 }),
      cents: fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 5 }),
    })
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 50 }), (batches) => {
        const live = new LiveTicks()
        const sent: { readonly at: number; readonly record: z.infer<typeof recordSchema> }[] = []
        let now = 0
        for (const { waited, cents } of batches) {
          now += waited
          live.take('A', [run(cents.map((each) => trade(30, each)))])
          for (const record of read(live, now)) sent.push({ at: now, record })
        }
        for (const record of read(live, now + 1000)) sent.push({ at: now + 1000, record })
        const prices = batches.flatMap(({ cents }) => cents)
        const records = sent.map(({ record }) => record)
        expect(records.reduce((sum, { trades }) => sum + trades, 0)).toBe(prices.length)
        expect(Math.max(...records.map(({ high }) => Number(high)))).toBe(Math.max(...prices) / 100)
        expect(Math.min(...records.map(({ low }) => Number(low)))).toBe(Math.min(...prices) / 100)
        expect(records.at(0)?.open).toBe(formatDecimal(prices.at(0) ?? 0, 2))
        expect(records.at(-1)?.close).toBe(formatDecimal(prices.at(-1) ?? 0, 2))
        const gaps = sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? 0))
        for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(WINDOW_MS)
      }),
    )
  })
})
