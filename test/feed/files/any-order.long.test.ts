import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { TradeSorter } from '../../../feed/files/sort-trades.ts'
import { barsOfFiles, type BarsOfFiles } from '../../support/bars-of-files.ts'
import { collect } from '../collect.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-order-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const START = 1_760_106_720

/** Trades with times of their own, over hours, of a few symbols: rows of a file. */
const rowsArbitrary = fc
  .uniqueArray(
    fc.record({ ms: fc.nat(9_000_000), price: fc.integer({ min: 1, max: 99 }), volume: fc.nat(9) }),
    {
      minLength: 1,
      maxLength: 60,
      selector: ({ ms }) => ms,
    },
  )
  .map((trades) =>
    trades.map(({ ms, price, volume }, index) => {
      const at = `${START + Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`
      return { ms, row: `${'ABC'[index % 3]},${at},${price},${volume}` }
    }),
  )

it('any order of the rows and any split into files gives the bars of the sorted rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      rowsArbitrary,
      fc.array(fc.nat(3), { minLength: 60, maxLength: 60 }),
      async (trades, cuts) => {
        const sorted = trades.toSorted((one, other) => one.ms - other.ms).map(({ row }) => row)
        const parts = [0, 1, 2, 3].map((part) =>
          trades.filter((_, index) => cuts[index] === part).map(({ row }) => row),
        )
        const made = await barsOfRows(parts.filter((rows) => rows.length > 0))
        const expected = await barsOfRows([sorted])
        expect(made.bars).toEqual(expected.bars)
        expect(made.counts.put).toBe(trades.length)
      },
    ),
    { numRuns: 40 },
  )
})

it('a file with its newest trades first gives the bars of the reversed file, also for trades of one moment', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ minute: fc.nat(4), price: fc.integer({ min: 1, max: 99 }) }), {
        minLength: 2,
        maxLength: 30,
      }),
      async (trades) => {
        const rows = trades
          .toSorted((one, other) => one.minute - other.minute)
          .map(({ minute, price }) => `A,${START + 60 * minute},${price},1`)
        // With one time only, nothing says which way the file runs.
        fc.pre(new Set(trades.map(({ minute }) => minute)).size > 1)
        expect((await barsOfRows([rows.toReversed()])).bars).toEqual((await barsOfRows([rows])).bars)
      },
    ),
    { numRuns: 30 },
  )
})

it('any order of rows with contiguous ids, in parts that overlap, is the union of the parts and complete', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.infiniteStream(fc.nat(2)),
      fc.infiniteStream(fc.nat(1000)),
      async (count, parts, keys) => {
        const rows = Array.from(
          { length: count },
          (_, id) => `${id + 5},${10 + (id % 7)},1,0,${(START + id * 7) * 1000},true`,
        )
        const shuffled = rows
          .map((row) => ({ row, key: keys.next().value }))
          .toSorted((one, other) => one.key - other.key)
        // Each row is in one file or in both.
        const files = [[], []].map((_, file) =>
          shuffled.filter(() => parts.next().value !== file).map(({ row }) => row),
        )
        const union = rows.filter((row) => files.flat().includes(row))
        // Files with the same content are one.
        fc.pre(union.length > 0 && files[0]?.join() !== files[1]?.join())
        const options = { format: 'binance', symbol: 'A' }
        const made = await barsOfRows(
          files.filter((file) => file.length > 0),
          options,
        )
        const expected = await barsOfRows([union], options)
        expect(made.bars).toEqual(expected.bars)
        expect(made.counts.put).toBe(union.length)
        expect(made.counts.duplicates).toBe(files.flat().length - union.length)
      },
    ),
    { numRuns: 40 },
  )
})

it('sorts on disk what does not fit into memory, in the order that memory gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ seconds: fc.nat(20), order: fc.option(fc.nat(3), { nil: undefined }), file: fc.nat(2) }),
        { maxLength: 80 },
      ),
      fc.integer({ min: 1, max: 9 }),
      async (given, maxHeld) => {
        // Files are added one after the other, and their first trades show which way they run.
        const items = given
          .toSorted((one, other) => one.file - other.file)
          .map(({ seconds, order, file }, place) => {
            const tick = {
              symbol: 'A',
              timestamp: `${START + seconds}.25`,
              price: String(place),
              volume: '1',
              id: '7',
              line: { name: 'x', isContiguous: true },
              conditions: '["@"]',
              tape: 'C',
              side: 'buy' as const,
            }
            return { tick, file, place, order, identity: `x ${place}` }
          })
        const sortedBy = async (held: number) => {
          const sorter = new TradeSorter({ folder: mkdtempSync(join(folder, 'spill-')), maxHeld: held })
          for (const item of items) sorter.add(item)
          return (await collect(sorter.sorted())).flat()
        }
        const inMemory = await sortedBy(1000)
        expect(inMemory).toHaveLength(items.length)
        expect(inMemory.map(({ seconds }) => seconds)).toEqual(
          items.map(({ tick }) => Math.floor(Number(tick.timestamp))).toSorted((one, other) => one - other),
        )
        // Of trades of one moment, which way a file runs is known of its beginning only.
        const key = (item: (typeof inMemory)[number]) => `${item.seconds} ${item.order ?? 0} ${item.file}`
        const onDisk = await sortedBy(maxHeld)
        expect(onDisk.map(key)).toEqual(inMemory.map(key))
        expect(onDisk.toSorted((one, other) => one.place - other.place)).toEqual(
          inMemory.toSorted((one, other) => one.place - other.place),
        )
      },
    ),
    { numRuns: 40 },
  )
})

let files = 0

async function barsOfRows(
  parts: readonly (readonly string[])[],
  options: { readonly format?: string; readonly symbol?: string } = {},
): Promise<BarsOfFiles> {
  const header = options.format === undefined ? ['symbol,timestamp,price,volume'] : []
  const paths = parts.map((rows) => {
    const path = join(folder, `part-${files++}.csv`)
    writeFileSync(path, [...header, ...rows, ''].join('\n'))
    return path
  })
  return await barsOfFiles(paths, { folder: mkdtempSync(join(folder, 'spill-')), ...options })
}
