import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { NoSuchKey } from '@aws-sdk/client-s3'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { archiveTrades, type Imported } from '../../../bin/stage/archive-trades.ts'
import { gatherTrades } from '../../../bin/stage/gather-trades.ts'
import type { ArchiveBucket } from '../../../functions/archive/archive-bucket.ts'
import { archivedTradeAt } from '../../../functions/archive/archive-columns.ts'
import type { ArchivedTrade } from '../../../functions/archive/archived-trade.ts'
import { compact } from '../../../functions/compactor/compact.ts'
import { readArchive } from '../../../functions/archive/read-archive.ts'
import { formatDecimal } from '../../../functions/domain/decimal.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-import-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const START = 1_760_104_800

type Bucket = Pick<ArchiveBucket, 'list' | 'read' | 'put'>

/** A bucket in memory. */
function memoryBucket() {
  const objects = new Map<string, Uint8Array>()
  const bucket: Bucket = {
    list: async function* list(prefix) {
      for (const [key, { length: bytes }] of objects)
        if (key.startsWith(prefix)) yield { key, bytes, modifiedAt: 0 }
    },
    read: async (key) => objects.get(key) ?? new Uint8Array(),
    put: async (key, bytes) => void objects.set(key, bytes),
  }
  const rows = async (): Promise<ArchivedTrade[]> => {
    const groups = await Promise.all([...objects.values()].map((bytes) => readArchive(bytes)))
    return groups
      .flat()
      .flatMap((columns) =>
        Array.from({ length: columns.count }, (_, index) => archivedTradeAt(columns, index)),
      )
  }
  return { bucket, objects, rows }
}

let files = 0

async function importRows(
  bucket: Bucket,
  ...texts: readonly string[]
): Promise<Omit<Imported, 'hours'> & { readonly hours: number[] }> {
  const paths = texts.map((text) => {
    const path = join(folder, `${files++}.csv`)
    writeFileSync(path, text)
    return path
  })
  const gathered = await gatherTrades(paths, {
    read: { sides: true },
    folder: mkdtempSync(join(folder, 'spill-')),
    check: () => undefined,
  })
  const { hours, ...imported } = await archiveTrades(gathered, bucket)
  return { ...imported, hours: [...hours.keys()] }
}

function shown({ symbol, seconds, price, volume, id }: ArchivedTrade): string {
  const text = (decimal: ArchivedTrade['price']): string =>
    formatDecimal(decimal?.units ?? 0, decimal?.scale ?? 0)
  return [symbol, seconds - START, text(price), text(volume), id].join(' ').trim()
}

it('keeps trades as rows of their hour, marked as imported, with line, id, conditions and tape', async () => {
  const { bucket, objects, rows } = memoryBucket()
  const text = [
    'symbol,timestamp,price,volume,id,line,conditions,tape',
    `A,${START}.000000001,10.50,2,7,XNAS,"[""@""]",3`,
    `A,${START + 3600},11,0.1,8,XNAS,,3`,
    '',
  ].join('\n')
  expect(await importRows(bucket, text)).toEqual({
    added: 2,
    known: 0,
    differing: 0,
    hours: [START, START + 3600],
  })
  expect([...objects.keys()].map((key) => key.replace(/[0-9a-f]{32}/, 'DIGEST'))).toEqual([
    'ticks/date=2025-10-10/hour=14/import-DIGEST.parquet',
    'ticks/date=2025-10-10/hour=15/import-DIGEST.parquet',
  ])
  expect((await rows())[0]).toEqual({
    symbol: 'A',
    seconds: START,
    nanos: 1,
    type: 'trade',
    price: { units: 105, scale: 1 },
    volume: { units: 2, scale: 0 },
    wasPrice: undefined,
    wasVolume: undefined,
    id: 7,
    line: 'XNAS',
    contiguous: false,
    conditions: '["@"]',
    tape: 'C',
    side: undefined,
    source: 'import',
    sequence: undefined,
    shard: 'import/XNAS/A',
    sequenceNumber: '7',
    place: 0,
    arrivedAt: START * 1000,
  })
})

it('adds nothing when the same rows come again, in another order or split', async () => {
  const { bucket, objects } = memoryBucket()
  const rows = [`A,${START},1,1`, `A,${START},1,1`, `A,${START + 1},1.0,1`, `B,${START},1,1`]
  const file = (...of: readonly string[]): string => ['symbol,timestamp,price,volume', ...of, ''].join('\n')
  expect(await importRows(bucket, file(...rows))).toMatchObject({ added: 4, known: 0 })
  const before = objects.size
  expect(await importRows(bucket, file(...rows.toReversed()))).toMatchObject({
    added: 0,
    known: 4,
    hours: [START],
  })
  expect(await importRows(bucket, file(...rows.slice(1)))).toMatchObject({ added: 0, known: 3 })
  expect(objects.size).toBe(before)
  // A third equal trade of that moment is one more.
  expect(await importRows(bucket, file(...rows, `A,${START},1.00,1`))).toMatchObject({ added: 1, known: 4 })
})

it('keeps the side of the copy that was imported first', async () => {
  const { bucket, rows } = memoryBucket()
  const file = (...of: readonly string[]): string =>
    ['symbol,timestamp,price,volume,id,side', ...of, ''].join('\n')
  await importRows(bucket, file(`A,${START},1,1,7,sell`, `A,${START},1,1,8,`))
  expect(await importRows(bucket, file(`A,${START},1,1,7,buy`, `A,${START},1,1,8,buy`))).toMatchObject({
    added: 0,
    known: 2,
    differing: 0,
  })
  expect((await rows()).map(({ id, side }) => [id, side])).toEqual([
    [7, 'sell'],
    [8, undefined],
  ])
})

it('knows what was imported before while the compactor merges it', async () => {
  const { bucket, objects, rows } = memoryBucket()
  const file = (...of: readonly string[]): string => ['symbol,timestamp,price,volume', ...of, ''].join('\n')
  const compacted: Bucket & Pick<ArchiveBucket, 'delete'> = {
    ...bucket,
    delete: async (keys) => keys.forEach((key) => objects.delete(key)),
    read: async (key) => {
      // All objects of the hour become one after they were listed, as each is read for the first time.
      if (objects.size > 1)
        await compact({ ...compacted, read: bucket.read }, { now: Date.now, hasTime: () => true })
      const bytes = objects.get(key)
      if (bytes === undefined)
        throw new NoSuchKey({ $metadata: {}, message: 'The specified key does not exist.' })
      return bytes
    },
  }
  await importRows(bucket, file(`A,${START},1,1`))
  await importRows(bucket, file(`A,${START + 1},1,1`))
  expect(objects.size).toBe(2)
  const all = file(`A,${START},1,1`, `A,${START + 1},1,1`, `A,${START + 2},1,1`)
  expect(await importRows(compacted, all)).toMatchObject({ added: 1, known: 2 })
  expect((await rows()).map(shown).toSorted()).toEqual(['A 0 1 1', 'A 1 1 1', 'A 2 1 1'])
})

it('keeps the first of two trades with one id, and counts the other', async () => {
  const { bucket, rows } = memoryBucket()
  const file = (price: string): string => `symbol,timestamp,price,volume,id\nA,${START},${price},1,7\n`
  await importRows(bucket, file('10'))
  expect(await importRows(bucket, file('10.0'))).toMatchObject({ added: 0, known: 1, differing: 0 })
  expect(await importRows(bucket, file('11'))).toMatchObject({ added: 0, known: 0, differing: 1 })
  expect((await rows()).map(shown)).toEqual(['A 0 10 1 7'])
})

it('files with trades in common, imported one after the other, are their union, whatever the order', async () => {
  const rowArbitrary = fc.record({
    symbol: fc.constantFrom('A', 'B'),
    at: fc.constantFrom(0, 1, 3600),
    price: fc.integer({ min: 1, max: 3 }),
    id: fc.option(fc.nat(6), { nil: undefined }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(rowArbitrary, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }),
      async (given) => {
        // A venue gives each trade its id once: time and price follow from it.
        const texts = given.map((rows) =>
          rows.map(({ symbol, at, price, id }) =>
            id === undefined
              ? `${symbol},${START + at},${price},1,`
              : `${symbol},${START + id * 600},${1 + (id % 3)},1,${id}`,
          ),
        )
        const { bucket, rows } = memoryBucket()
        let added = 0
        for (const text of texts)
          added += (await importRows(bucket, ['symbol,timestamp,price,volume,id', ...text, ''].join('\n')))
            .added
        // Of each row without an id as many as the file has that has most; of each with an id one.
        const expected = new Map<string, number>()
        for (const text of texts)
          for (const [row, equal] of Map.groupBy(text, (each) => each)) {
            const times = row.endsWith(',') ? equal.length : 1
            expected.set(row, Math.max(expected.get(row) ?? 0, times))
          }
        const found = (await rows()).map(shown)
        expect(found).toHaveLength(added)
        expect(found.toSorted()).toEqual(
          [...expected]
            .flatMap(([row, times]) => {
              const [symbol, at, price, volume, id] = row.split(',')
              return Array<string>(times).fill(
                [symbol, Number(at) - START, price, volume, id].join(' ').trim(),
              )
            })
            .toSorted(),
        )
      },
    ),
    { numRuns: 60 },
  )
})
