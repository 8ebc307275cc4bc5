import fc from 'fast-check'
import { expect, it } from 'vitest'

import { readPlaces } from '../../../../functions/shared/parquet/dictionary-places.ts'

type Run = { readonly isOnePlace: boolean; readonly places: readonly number[] }

/** As Parquet's format has them: a run of bits is filled up to eight places. */
function encoded(width: number, runs: readonly Run[]): Uint8Array {
  const bytes: number[] = [width]
  for (const { isOnePlace, places } of runs) {
    let header = isOnePlace ? places.length * 2 : Math.ceil(places.length / 8) * 2 + 1
    for (; header >= 0x80; header >>>= 7) bytes.push((header & 0x7f) | 0x80)
    bytes.push(header)
    const values = isOnePlace ? places.slice(0, 1) : [...places, ...Array.from({ length: 7 }, () => 0)]
    let bits = 0n
    for (const [index, place] of values.entries()) bits |= BigInt(place) << BigInt(index * width)
    const size = isOnePlace ? Math.ceil(width / 8) : Math.ceil(places.length / 8) * width
    for (let byte = 0; byte < size; byte++) bytes.push(Number((bits >> BigInt(8 * byte)) & 0xffn))
  }
  return Uint8Array.from(bytes)
}

const coded = fc.integer({ min: 1, max: 24 }).chain((width) => {
  const place = fc.nat({ max: 2 ** width - 1 })
  const onePlace = fc
    .tuple(place, fc.integer({ min: 1, max: 300 }))
    .map(([value, length]) => ({ isOnePlace: true, places: Array.from({ length }, () => value) }))
  const bits = fc
    .integer({ min: 1, max: 9 })
    .chain((groups) => fc.array(place, { minLength: 8 * groups, maxLength: 8 * groups }))
    .map((places) => ({ isOnePlace: false, places }))
  return fc.record({
    width: fc.constant(width),
    runs: fc.array(fc.oneof(onePlace, bits), { minLength: 1, maxLength: 6 }),
    // The last run may be of more places than there are rows.
    unused: fc.nat({ max: 7 }),
  })
})

it('reads the places of all rows from runs of any kind and width', () => {
  fc.assert(
    fc.property(coded, ({ width, runs, unused }) => {
      const all = runs.flatMap(({ places }) => places)
      const places = all.slice(0, Math.max(1, all.length - unused))
      expect([...(readPlaces(encoded(width, runs), places.length, 2 ** width) ?? [])]).toEqual(places)
    }),
  )
})

it('gives none where bytes are cut off, or a place is beyond the dictionary', () => {
  fc.assert(
    fc.property(coded, ({ width, runs }) => {
      const bytes = encoded(width, runs)
      const places = runs.flatMap((run) => run.places)
      expect(readPlaces(bytes.subarray(0, -1), places.length, 2 ** width)).toBeUndefined()
      expect(readPlaces(bytes, places.length + 1, 2 ** width)).toBeUndefined()
      expect(readPlaces(bytes, places.length, Math.max(...places))).toBeUndefined()
    }),
  )
})
