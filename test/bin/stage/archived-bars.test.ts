import { describe, expect, it } from 'vitest'

import { archivedBars, type ArchivedBarsOptions, NoSidesError } from '../../../bin/stage/archived-bars.ts'
import { hourOf, hourPrefix } from '../../../functions/archive/archive-key.ts'
import type { ArchivedTrade } from '../../../functions/archive/archived-trade.ts'
import { encodeArchive } from '../../../functions/archive/encode-archive.ts'
import { createHourReaders } from '../../../functions/rebuilder/symbol-hour.ts'
import { archivedTrade } from '../../support/archived.ts'
import { kindOf, otherBars } from '../../support/other-bars.ts'
import { trade } from '../../support/trades.ts'

const START = 1_760_106_720
const FROM = hourOf(START)

/** An archive whose objects have these rows each. */
function archiveOf(...objects: readonly (readonly ArchivedTrade[])[]) {
  const bytes = new Map(
    objects.map((rows, index) => [
      `${hourPrefix(hourOf(rows[0]?.seconds ?? 0))}shard-${index}.parquet`,
      encodeArchive(rows),
    ]),
  )
  const bucket = {
    list: async function* list(prefix: string) {
      for (const key of bytes.keys()) if (key.startsWith(prefix)) yield { key, bytes: 0, modifiedAt: 0 }
    },
    read: async (key: string) => bytes.get(key) ?? new Uint8Array(),
  }
  return createHourReaders(bucket)
}

async function barsOf(
  archive: ReturnType<typeof archiveOf>,
  { kind, ...options }: Partial<Omit<ArchivedBarsOptions, 'kind'>> & { readonly kind: string },
) {
  const found: string[] = []
  const all = { symbols: ['A'], from: FROM, to: FROM + 7200, side: 'venue', ...options } as const
  for await (const { symbol, bars } of archivedBars(archive, { ...all, kind: kindOf(kind) }))
    for (const { open, close, volume, tradeCount, isClosed, buyVolume } of bars)
      found.push([symbol, open, close, volume, tradeCount, isClosed, buyVolume].join(' '))
  return found
}

const numbered = (id: number, others: Partial<ArchivedTrade> = {}): ArchivedTrade =>
  archivedTrade({
    id,
    line: 'x',
    contiguous: true,
    seconds: START + id,
    sequenceNumber: String(49_600 + id),
    price: { units: 100 + id, scale: 0 },
    ...others,
  })

describe('other bars of the archive', () => {
  it('go on from hour to hour, and equal those of the same trades', async () => {
    const seconds = Array.from({ length: 50 }, (_, index) => START + 97 * index)
    const rows = seconds.map((each, index) =>
      archivedTrade({
        seconds: each,
        price: { units: 100 + (index % 9), scale: 1 },
        sequenceNumber: String(49_600 + index),
      }),
    )
    const [early, late] = [
      rows.filter((row) => hourOf(row.seconds) === FROM),
      rows.filter((row) => hourOf(row.seconds) > FROM),
    ]
    expect(late.length).toBeGreaterThan(0)
    const expected = otherBars(
      'volume:7',
      seconds.map((each, index) => trade({ seconds: each, price: `${10 + (index % 9) / 10}` })),
    )
    expect(await barsOf(archiveOf(early, late), { kind: 'volume:7' })).toEqual(
      expected.map((bar) =>
        ['A', bar.open, bar.close, bar.volume, bar.tradeCount, bar.isClosed, null].join(' '),
      ),
    )
  })

  it('have each trade once, without cancelled ones, and as corrected', async () => {
    const rows = [numbered(1), numbered(2), numbered(3), numbered(4)]
    const again = [
      numbered(2, { sequenceNumber: '49700', source: 'other' }),
      numbered(3, { type: 'cancel', sequenceNumber: '49701' }),
      numbered(4, {
        type: 'correct',
        sequenceNumber: '49702',
        price: { units: 7, scale: 0 },
        volume: { units: 5, scale: 0 },
      }),
    ]
    expect(await barsOf(archiveOf(rows, rows, again), { kind: 'tick:2' })).toEqual([
      'A 101 102 2 2 true ',
      'A 7 7 5 1 false ',
    ])
  })

  it('are of the span alone, in plain hours and in others', async () => {
    const rows = [0, 60, 120, 180].map((after) =>
      archivedTrade({ seconds: START + after, sequenceNumber: String(49_600 + after) }),
    )
    const span = { kind: '1Day', from: START + 60, to: START + 180 }
    expect(await barsOf(archiveOf(rows), span)).toEqual(['A 100 100 2 2 false '])
    expect(await barsOf(archiveOf(rows, rows), span)).toEqual(['A 100 100 2 2 false '])
  })

  it('have sides by the tick rule where that is asked for', async () => {
    const rows = [numbered(1), numbered(2), numbered(3)]
    expect(await barsOf(archiveOf(rows), { kind: 'imbalance:tick:2', side: 'tick-rule' })).toEqual([
      'A 101 103 3 3 true 2',
    ])
  })

  it('have the sides of the copies that came first, and those that corrections say', async () => {
    const rows = [
      numbered(1, { side: 'buy' }),
      numbered(2),
      numbered(3, { side: 'sell' }),
      numbered(4, { side: 'sell' }),
    ]
    const correction = {
      type: 'correct',
      price: { units: 7, scale: 0 },
      volume: { units: 5, scale: 0 },
    } as const
    const again = [
      numbered(1, { sequenceNumber: '49700', source: 'other', side: 'sell' }),
      numbered(2, { sequenceNumber: '49701', source: 'other', side: 'buy' }),
      numbered(3, { sequenceNumber: '49702', ...correction, side: 'buy' }),
      numbered(4, { sequenceNumber: '49703', ...correction }),
    ]
    expect(await barsOf(archiveOf(rows, again), { kind: 'tick:1' })).toEqual([
      'A 101 101 1 1 true 1',
      'A 102 102 1 1 true ',
      'A 7 7 5 1 true 5',
      'A 7 7 5 1 true 0',
    ])
  })

  it('have the sides of the trades of the span', async () => {
    const rows = (['buy', 'sell', 'buy', 'sell'] as const).map((side, place) =>
      archivedTrade({ seconds: START + 60 * place, sequenceNumber: String(49_600 + place), side }),
    )
    const span = { kind: 'tick:1', from: START + 60, to: START + 180 }
    const expected = ['A 100 100 1 1 true 0', 'A 100 100 1 1 true 1']
    expect(await barsOf(archiveOf(rows), span)).toEqual(expected)
    expect(await barsOf(archiveOf(rows, rows), span)).toEqual(expected)
  })

  it('of an imbalance are an error where no trade has a side, and none where there is no trade', async () => {
    const wanted = { kind: 'imbalance:tick:2' }
    await expect(barsOf(archiveOf([numbered(1), numbered(2)]), wanted)).rejects.toThrow(NoSidesError)
    expect(await barsOf(archiveOf(), wanted)).toEqual([])
    const rows = [numbered(1), numbered(2, { side: 'sell' }), numbered(3, { side: 'sell' })]
    expect(await barsOf(archiveOf(rows), wanted)).toEqual(['A 101 103 3 3 true 0'])
  })

  it('are those of each symbol by itself', async () => {
    const rows = ['A', 'B', 'C'].map((symbol) => archivedTrade({ symbol }))
    expect(await barsOf(archiveOf(rows), { kind: 'tick:1', symbols: ['C', 'A'] })).toEqual([
      'C 100 100 1 1 true ',
      'A 100 100 1 1 true ',
    ])
  })
})
