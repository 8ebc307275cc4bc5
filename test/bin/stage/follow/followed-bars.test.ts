import type { KinesisStreamRecord } from 'aws-lambda'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { archivedBars } from '../../../../bin/stage/archived-bars.ts'
import { readArchivedBefore } from '../../../../bin/stage/follow/archived-before.ts'
import { followedBars } from '../../../../bin/stage/follow/followed-bars.ts'
import type { TooLate } from '../../../../bin/stage/follow/held-trades.ts'
import type { Tail } from '../../../../bin/stage/follow/tail-stream.ts'
import { archiveBatch } from '../../../../functions/archiver/archive-batch.ts'
import { hourOf } from '../../../../functions/archive/archive-key.ts'
import { createHourReaders } from '../../../../functions/rebuilder/symbol-hour.ts'
import { kinesisRecord } from '../../../support/kinesis-event.ts'
import { kindOf } from '../../../support/other-bars.ts'

/** 2025-11-10T15:58:00Z: an hour ends two minutes later. */
const START = 1_762_790_280
const DELAY_MS = 2000
const SYMBOLS = ['A', 'B']
const KINDS = ['tick:3', 'volume:7', 'imbalance:tick:2', 'renko:2', 'seconds:5', 'heikin-ashi:1Min']

/** What a record says, and when it is put. */
type Said = {
  readonly symbol: string
  /** Milliseconds after START. */
  readonly at: number
  /** Of its arrival, after its own time. */
  readonly lagMs: number
  readonly fields: Readonly<Record<string, unknown>>
}

const trades = fc
  .array(
    fc.record({
      symbol: fc.constantFrom(...SYMBOLS),
      at: fc.integer({ min: 0, max: 240_000 }),
      lagMs: fc.integer({ min: 0, max: DELAY_MS - 1 }),
      price: fc.integer({ min: 95, max: 105 }),
      volume: fc.integer({ min: 1, max: 5 }),
      side: fc.constantFrom('buy', 'sell', undefined),
      isCopied: fc.boolean(),
      next: fc.constantFrom('nothing', 'nothing', 'cancel', 'correct'),
      isEarly: fc.boolean(),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((all) =>
    all.flatMap(({ symbol, at, lagMs, price, volume, side, isCopied, next, isEarly }, id): Said[] => {
      // Another feed has another time for it, within the hour.
      const shifted = isCopied && !(at > 119_000 && at < 120_000) ? at + 700 : at
      const trade = { symbol, timestamp: START + at / 1000, price: String(price), volume: String(volume), id }
      const fields = { ...trade, line: 'venue', ...(side !== undefined && { side }) }
      const first = { symbol, at, lagMs, fields }
      // Whatever is said of a trade comes while it is still waited for, perhaps before it.
      const later = { symbol, at: shifted, lagMs: isEarly ? 0 : DELAY_MS - 1 - (shifted - at) }
      const other = { timestamp: START + shifted / 1000, source: 'another', sequence: 2 * id }
      const copy = isCopied ? [{ ...later, at: shifted, fields: { ...fields, ...other } }] : []
      const { price: was, volume: wasVolume, ...named } = fields
      const change = { ...named, ...other, sequence: 2 * id + 1, type: next }
      switch (next) {
        case 'cancel':
          return [first, ...copy, { ...later, fields: { ...change, price: was, volume: wasVolume } }]
        case 'correct': {
          const is = { price: '100', volume: '2', was: { price: was, volume: wasVolume } }
          return [first, ...copy, { ...later, fields: { ...change, ...is } }]
        }
        case 'nothing':
        default:
          return [first, ...copy]
      }
    }),
  )

/** The records of a shard, in the order in which they arrive. */
function recordsOf(said: readonly Said[]): readonly KinesisStreamRecord[] {
  return said
    .map(({ symbol, at, lagMs, fields }) => ({ symbol, arrivedAt: START * 1000 + at + lagMs, fields }))
    .toSorted((one, other) => one.arrivedAt - other.arrivedAt)
    .map(({ symbol, arrivedAt, fields }, sequence) =>
      kinesisRecord({ data: JSON.stringify(fields), partitionKey: symbol, sequence, arrivedAt }),
    )
}

/** An archive in memory. */
async function archiveOf(batches: readonly (readonly KinesisStreamRecord[])[]) {
  const objects = new Map<string, Uint8Array>()
  const put = async (key: string, bytes: Uint8Array) => void objects.set(key, bytes)
  for (const batch of batches) {
    const archived = await archiveBatch({ put, allowsNonPositive: () => false, now: () => Infinity }, batch)
    expect(archived.trades).toBe(batch.length)
  }
  const bucket = {
    list: async function* list(prefix: string) {
      for (const key of objects.keys()) if (key.startsWith(prefix)) yield { key, bytes: 0, modifiedAt: 0 }
    },
    read: async (key: string) => objects.get(key) ?? new Uint8Array(),
  }
  return { bucket, ...createHourReaders(bucket) }
}

/** The stream as it is read, so many records at a time, from one on. */
async function* tailOf(
  records: readonly KinesisStreamRecord[],
  { atOnce, from = 0 }: { readonly atOnce: number; readonly from?: number },
): AsyncGenerator<Tail> {
  for (let place = from; place < records.length; place += atOnce) {
    const some = records.slice(place, place + atOnce)
    const last = some.at(-1)?.kinesis.approximateArrivalTimestamp ?? 0
    const next = records[place + atOnce]?.kinesis.approximateArrivalTimestamp ?? Infinity
    yield { records: some, readTo: Math.min(Math.round(next * 1000), Math.round(last * 1000) + 1) }
  }
  yield { records: [], readTo: (START + 3600) * 1000 }
}

const OPTIONS = {
  symbols: SYMBOLS,
  side: 'venue',
  delayMs: DELAY_MS,
  allowsNonPositive: () => false,
  startedAt: START * 1000,
  signal: new AbortController().signal,
} as const

/** What is told, as texts. */
function teller(told: string[]) {
  return {
    onHole: (arrivedAt: number) => told.push(`hole ${arrivedAt - START * 1000}`),
    on: {
      hour: () => {},
      following: (without: readonly string[]) => told.push(...without.map((symbol) => `no ${symbol}`)),
      tooLate: (symbol: string, { trades: late, changes }: TooLate) =>
        told.push(`${symbol} ${late} ${changes}`),
      sideless: (symbol: string) => told.push(`${symbol} sideless`),
      left: (count: number) => told.push(`left ${count}`),
    },
  }
}

/** Bars without whether they are closed: the clock closes those of time. */
async function gathered(bars: AsyncIterable<{ readonly symbol: string; readonly bars: readonly object[] }>) {
  const found = new Map<string, object[]>(SYMBOLS.map((symbol) => [symbol, []]))
  for await (const { symbol, bars: some } of bars)
    found.get(symbol)?.push(...some.map((bar) => ({ ...bar, isClosed: undefined })))
  return found
}

describe('bars that are followed', () => {
  it('are those of the archive, whatever part of the trades was archived before', async () => {
    await fc.assert(
      fc.asyncProperty(
        trades,
        fc.constantFrom(...KINDS),
        fc.nat(60),
        fc.integer({ min: 1, max: 20 }),
        async (said, name, archived, atOnce) => {
          const records = recordsOf(said)
          const kind = kindOf(name)
          const span = { from: START + 3, to: START + 200 }
          const all = await archiveOf([records])
          const expected = gathered(archivedBars(all, { ...OPTIONS, ...span, kind })).catch(() => undefined)
          // Two batches are archived; the stream goes on with the one that came last.
          const batches = [records.slice(0, archived >> 1), records.slice(archived >> 1, archived)]
          const archive = await archiveOf(batches.filter((batch) => batch.length > 0))
          const now = START + 240
          const wanted = { from: span.from, now, symbols: new Set(SYMBOLS) }
          const { rows, startOf } = await readArchivedBefore(archive.bucket, archive.whole, wanted)
          const { StartingSequenceNumber: first } = startOf('shardId-000000000000')
          const place = records.findIndex(({ kinesis }) => kinesis.sequenceNumber === first)
          const told: string[] = []
          const followed = await gathered(
            followedBars(
              { archive, until: hourOf(now) - 3600, rows },
              tailOf(records, { atOnce, from: Math.max(0, place) }),
              { ...OPTIONS, ...span, kind, ...teller(told) },
            ),
          )
          expect(told.filter((text) => !text.startsWith('no '))).toEqual([])
          // Of no trade with a side the archive says that it has none.
          expect(followed).toEqual((await expected) ?? followed)
        },
      ),
      { numRuns: 100 },
    )
  })

  const said = (at: number, lagMs: number, id: number, others: object = {}): Said => ({
    symbol: 'A',
    at,
    lagMs,
    fields: {
      symbol: 'A',
      timestamp: START + at / 1000,
      price: 100 + id,
      volume: 1,
      id,
      line: 'x',
      ...others,
    },
  })
  const follow = async (all: readonly Said[], name: string) => {
    const told: string[] = []
    const bars = followedBars(undefined, tailOf(recordsOf(all), { atOnce: 1 }), {
      ...OPTIONS,
      from: START,
      to: Infinity,
      kind: kindOf(name),
      ...teller(told),
    })
    const found: string[] = []
    for await (const { bars: some } of bars)
      for (const { open, close, tradeCount, isClosed } of some)
        found.push([open, close, tradeCount, isClosed].join(' '))
    return { found, told }
  }

  it('lack what comes too late, which is told', async () => {
    const late = [
      said(1000, 9000, 2),
      said(0, 8000, 1, { type: 'cancel', price: 101 }),
      // Sent again is not late.
      said(0, 9500, 1),
    ]
    const { found, told } = await follow([said(0, 0, 1), said(5000, 0, 3), ...late], 'tick:2')
    expect({ found, told }).toEqual({ found: ['101 103 2 true'], told: ['A 0 1', 'A 1 1'] })
  })

  it('of time close by the clock, before the next trade', async () => {
    const { found } = await follow([said(0, 0, 1), said(7000, 0, 2)], 'seconds:5')
    expect(found).toEqual(['101 101 1 true', '102 102 1 true'])
  })

  it('say that no trade has a side, where their kind needs them', async () => {
    const all = Array.from({ length: 120 }, (_, id) => said(1000 * id, 0, id))
    expect((await follow(all, 'imbalance:tick:5')).told).toEqual(['A sideless'])
    expect((await follow(all, 'tick:50')).told).toEqual([])
  })

  it('tell how many trades were waited for still when they end', async () => {
    const records = recordsOf([said(0, 0, 1), said(5000, 0, 2)])
    const told: string[] = []
    const ending = async function* ending() {
      yield { records, readTo: (START + 3) * 1000 }
    }
    const span = { from: START, to: Infinity, kind: kindOf('tick:5') }
    const found = await gathered(followedBars(undefined, ending(), { ...OPTIONS, ...span, ...teller(told) }))
    expect({ told, counts: found.get('A') }).toEqual({
      told: ['left 1'],
      counts: [expect.objectContaining({ tradeCount: 1 })],
    })
  })

  it('tell where the archive ends before the stream begins', async () => {
    const records = recordsOf([said(0, 0, 1), said(60_000, 0, 2), said(1_800_000, 0, 3)])
    const archive = await archiveOf([records.slice(0, 1)])
    const now = START + 1800
    const wanted = { from: START, now, symbols: new Set(SYMBOLS) }
    const { rows } = await readArchivedBefore(archive.bucket, archive.whole, wanted)
    const told: string[] = []
    const before = { archive, until: hourOf(now) - 3600, rows }
    const span = { from: START, to: Infinity, kind: kindOf('tick:5'), startedAt: now * 1000 }
    const tail = tailOf(records, { atOnce: 1, from: 1 })
    await gathered(followedBars(before, tail, { ...OPTIONS, ...span, ...teller(told) }))
    expect(told).toEqual(['no B', 'hole 60000'])
  })
})
