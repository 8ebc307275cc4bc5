import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { ArchivedTrade } from '../../../functions/archive/archived-trade.ts'
import { encodeArchive } from '../../../functions/archive/encode-archive.ts'
import { readArchive, readLeanArchive } from '../../../functions/archive/read-archive.ts'
import { plainHour } from '../../../functions/rebuilder/plain-hour.ts'
import { RebuiltSymbol } from '../../../functions/rebuilder/rebuilt-symbol.ts'
import { rowsOf, runsBySymbol } from '../../../functions/rebuilder/row.ts'
import type { SymbolHour } from '../../../functions/rebuilder/symbol-hour.ts'
import { archivedTrade } from '../../support/archived.ts'
import { HOUR } from './harness.ts'

const A = new Set(['A'])

async function runsOf(objects: readonly Uint8Array[]) {
  const lean = (await Promise.all(objects.map((bytes) => readLeanArchive(bytes)))).flat()
  const whole = (await Promise.all(objects.map((bytes) => readArchive(bytes)))).flat()
  return { lean: runsBySymbol(lean, A).get('A') ?? [], whole: runsBySymbol(whole, A).get('A') ?? [] }
}

/** What an hour comes to, told once the hour after it was taken. */
function minutesOf(hours: readonly SymbolHour[]) {
  const symbol = new RebuiltSymbol('A')
  const told = hours.map((archived, place) => symbol.take(HOUR + place * 3600, archived))
  return [...told, symbol.take(HOUR + hours.length * 3600, undefined)]
}

/** How trades of a feed follow each other, and what may be otherwise with one of them. */
const steps = fc.array(
  fc.record({
    seconds: fc.constantFrom(0, 0, 1, 7, 61, -1),
    nanos: fc.constantFrom(0, 0, 1, -1),
    ids: fc.constantFrom(1, 1, 1, 3, 0, -2),
    records: fc.constantFrom(1, 1, 0, 0, 5, -1),
    price: fc.constantFrom('1', '10.5', '0.00000001', '99999999999999.5'),
    other: fc.constantFrom<Partial<ArchivedTrade>[]>(
      {},
      {},
      {},
      {},
      {},
      {},
      {},
      {},
      { type: 'cancel' },
      { line: 'y' },
      { contiguous: false },
      { source: 'second' },
      { conditions: '["I"]', tape: 'A' },
      { id: undefined },
    ),
  }),
  { minLength: 1, maxLength: 25 },
)
const kinds = fc.record({
  hasIds: fc.boolean(),
  hasSequences: fc.boolean(),
  isEven: fc.boolean(),
  /** How many trades an object has. */
  perObject: fc.constantFrom(1, 5, 100),
})
type Made<Values> = Values extends fc.Arbitrary<infer Value> ? Value : never

function objectsOf(
  given: Made<typeof steps>,
  { hasIds, hasSequences, isEven, perObject }: Made<typeof kinds>,
): Uint8Array[] {
  let [at, nanos, id, record] = [600, 0, 10, 1]
  const rows = given.map((step, place) => {
    const { seconds, ids, records, price, other } = step
    const isOdd = !isEven
    at += isOdd ? seconds : Math.abs(seconds)
    nanos = Math.max(0, nanos + (isOdd ? step.nanos : Math.abs(step.nanos)))
    id += isOdd ? ids : Math.max(1, ids)
    record += isOdd ? records : Math.max(0, records)
    const [units = '', decimals = ''] = price.split('.')
    return archivedTrade({
      seconds: HOUR + at,
      nanos,
      price: { units: Number(units + decimals), scale: decimals.length },
      ...(hasIds && { id: Math.max(0, id), line: 'x', contiguous: true }),
      ...(hasSequences && { source: 'feed', sequence: Math.max(0, record) }),
      sequenceNumber: `4960${Math.max(0, record)}`,
      place,
      arrivedAt: (HOUR + 3600) * 1000 + record,
      ...(isOdd && other),
    })
  })
  const objects: Uint8Array[] = []
  for (let from = 0; from < rows.length; from += perObject)
    objects.push(encodeArchive(rows.slice(from, from + perObject)))
  return objects
}

describe('an hour that is taken as it stands', () => {
  it('comes to the same minutes as its rows, looked at one by one', async () => {
    let plains = 0
    await fc.assert(
      fc.asyncProperty(steps, kinds, async (given, kind) => {
        const { lean, whole } = await runsOf(objectsOf(given, kind))
        const plain = plainHour(lean)
        if (plain === undefined) return
        plains++
        const rows = minutesOf([{ type: 'rows', rows: rowsOf(whole) }])
        expect(minutesOf([{ type: 'plain', plain }])).toEqual(rows)
      }),
      { numRuns: 200 },
    )
    expect(plains).toBeGreaterThan(20)
  })

  const second = (at: number, others: Partial<ArchivedTrade> = {}): ArchivedTrade =>
    archivedTrade({
      seconds: HOUR + at,
      id: at,
      line: 'x',
      contiguous: true,
      source: 'feed',
      sequence: at,
      sequenceNumber: `4960${at}`,
      arrivedAt: (HOUR + at) * 1000,
      ...others,
    })

  it.each([
    [
      'records of one trade, without their sequence numbers',
      Array.from({ length: 3000 }, (_, at) => second(at)),
    ],
    [
      'records of several trades',
      Array.from({ length: 300 }, (_, at) =>
        second(at, {
          sequence: Math.floor(at / 50),
          sequenceNumber: `4960${Math.floor(at / 50)}`,
          place: at % 50,
        }),
      ),
    ],
    [
      'trades without ids and numbers',
      [1, 2, 3].map((at) => second(at, { id: undefined, sequence: undefined })),
    ],
    ['trades of one time, in their order', [1, 2, 3].map((at) => second(at, { seconds: HOUR }))],
    ['conditions', [1, 2, 3].map((at) => second(at, { conditions: '["I"]', tape: 'A' }))],
  ])('has %s', async (_, rows) => {
    const { lean } = await runsOf([encodeArchive(rows)])
    expect(plainHour(lean)?.trades.to).toBe(rows.length)
  })

  it('has hours of several objects that follow each other, whatever their order', async () => {
    const of = (at: number) => encodeArchive([second(at), second(at + 1)])
    const { lean } = await runsOf([of(20), of(10), of(30)])
    expect([...(plainHour(lean)?.trades.columns.ids ?? [])]).toEqual([10, 11, 20, 21, 30, 31])
  })

  it.each([
    [
      'a trade that came twice, in two records',
      [second(1), second(2), second(2, { sequence: 3, seconds: HOUR + 3 })],
    ],
    [
      'a record that came twice',
      [second(1), second(2, { id: undefined }), second(3, { id: undefined, sequence: 2 })],
    ],
    ['a cancel', [second(1), second(2, { type: 'cancel' })]],
    ['a second producer', [second(1), second(2, { source: 'other' })]],
    ['a second line', [second(1), second(2, { line: 'y' })]],
    ['an id that went down', [second(1), second(2, { id: 0 })]],
    ['more digits than a double holds', [second(1, { price: { units: 10n ** 17n, scale: 0 } })]],
  ])('is not one with %s', async (_, rows) => {
    const { lean } = await runsOf([encodeArchive(rows)])
    expect(plainHour(lean)).toBeUndefined()
  })

  it('is not one of two objects that overlap', async () => {
    const { lean } = await runsOf([encodeArchive([second(1), second(3)]), encodeArchive([second(2)])])
    expect(plainHour(lean)).toBeUndefined()
  })
})
