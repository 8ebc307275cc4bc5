import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { MAX_GAPS, SymbolLine } from '../../../feed/venues/symbol-line.ts'
import type { VenueTrade } from '../../../feed/venues/venue.ts'

const trade = (id: number): VenueTrade => ({
  symbol: 'A',
  id,
  timestamp: String(id),
  price: '1',
  volume: '1',
})
const idsIn = (line: SymbolLine): number[] =>
  line.gaps.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  )

describe('the line of a symbol', () => {
  it('knows which ids are missing after any arrivals, and takes each once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 100, max: 160 }), { minLength: 1 }), (ids) => {
        const line = new SymbolLine()
        const begun = ids[0] ?? 0
        const come = new Set<number>()
        for (const id of ids) {
          const { type } = line.take(trade(id))
          // What was before the first is none of its business.
          expect(type).toBe(
            id < begun || come.has(id) ? 'duplicate' : id > Math.max(begun - 1, ...come) ? 'new' : 'filled',
          )
          if (id >= begun) come.add(id)
        }
        const through = Math.max(...come)
        const expected = Array.from({ length: through - begun + 1 }, (_, index) => begun + index).filter(
          (id) => !come.has(id),
        )
        expect(idsIn(line)).toEqual(expected)
        expect(line.missing()).toBe(expected.length)
        expect(line.giveUp({ first: begun, last: through })).toBe(expected.length)
        expect(line.gaps).toEqual([])
      }),
    )
  })

  it('gives up the ids of a span, and remembers what is missing around it', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 101, max: 140 })),
        fc.integer({ min: 95, max: 145 }),
        fc.nat(30),
        (ids, first, length) => {
          const line = new SymbolLine()
          const come = [100, ...ids.toSorted((one, other) => one - other), 141]
          for (const id of come) line.take(trade(id))
          const missing = idsIn(line)
          const last = first + length
          const rest = missing.filter((id) => id < first || id > last)
          expect(line.giveUp({ first, last })).toBe(missing.length - rest.length)
          expect(idsIn(line)).toEqual(rest)
        },
      ),
    )
  })

  it('goes on after the place of an earlier run', () => {
    const line = new SymbolLine({ id: 10, timestamp: '9.5' }, () => 5)
    expect(line.take(trade(14))).toEqual({ type: 'new', lost: 0 })
    expect(line.gaps).toEqual([{ first: 11, last: 13, since: '9.5', noticedAt: 5 }])
  })

  it('takes the word of the venue for trades that were not sent, and forgets the oldest of too many gaps', () => {
    const line = new SymbolLine()
    line.take(trade(1))
    expect(line.newest(3)).toBe(0)
    expect(idsIn(line)).toEqual([2, 3])
    expect(line.newest(2)).toBe(0)
    let lost = 0
    for (let id = 5; id < 5 + 2 * MAX_GAPS; id += 2) lost += line.take(trade(id)).lost
    expect(lost).toBe(2)
    expect(line.gaps).toHaveLength(MAX_GAPS)
  })
})
