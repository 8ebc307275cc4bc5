import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  admissionOf,
  ageGaps,
  type Gap,
  isMissingFrom,
  type LineState,
  MAX_GAPS,
  missingIn,
  startLine,
  takeId,
} from '../../../functions/domain/lines.ts'
import { expectEqual } from '../../support/expect-equal.ts'

const idsArbitrary = fc.array(fc.nat(60), { minLength: 1, maxLength: 80, size: 'max' })
/** A venue executes them in order, ten a minute. */
const minuteOfId = (id: number): number => Math.floor(id / 10) * 60

const holds = (gaps: readonly Gap[], id: number): boolean =>
  gaps.some(({ first, last }) => first <= id && id <= last)

function take(line: LineState | undefined, name: { readonly isContiguous: boolean }, id: number) {
  const at = { id, minute: minuteOfId(id) }
  return line === undefined ? { line: startLine({ name: '', ...name }, at), forgotten: [] } : takeId(line, at)
}

describe('a line', () => {
  it('takes each id once, whatever their order, and its gaps are what a set of them lacks', () => {
    fc.assert(
      fc.property(idsArbitrary, fc.boolean(), (ids, isContiguous) => {
        const come = new Set<number>()
        const forgotten: Gap[] = []
        let line: LineState | undefined
        for (const id of ids) {
          if (line !== undefined) {
            const admission = admissionOf(line, id)
            const isNew = !come.has(id) && !holds(forgotten, id)
            const expected = id > line.through ? 'new' : isNew ? 'filled' : 'duplicate'
            expect(admission === 'uncertain' ? 'duplicate' : admission).toBe(expected)
            if (expected === 'duplicate') continue
          }
          const taken = take(line, { isContiguous }, id)
          line = taken.line
          forgotten.push(...taken.forgotten)
          come.add(id)
        }
        if (line === undefined) return
        const { through, gaps } = line
        expect(through).toBe(Math.max(...come))
        expect(gaps.length).toBeLessThanOrEqual(MAX_GAPS[isContiguous ? 'contiguous' : 'growing'])
        for (let id = 0; id <= through; id++)
          expectEqual(holds(gaps, id), !come.has(id) && !holds(forgotten, id))
        // In order, apart from each other.
        for (const [index, { first }] of gaps.entries())
          expect(first).toBeGreaterThan((gaps[index - 1]?.last ?? -2) + 1)
      }),
      { numRuns: 2000 },
    )
  })

  it('lacks a trade in the minutes from the one before it to the one after it, and in no others', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(25), { minLength: 1 }), (ids) => {
        let line: LineState | undefined
        for (const id of ids) line = take(line, { isContiguous: true }, id).line
        const sorted = ids.toSorted((a, b) => a - b)
        for (let minute = 0; minute <= 180; minute += 60) {
          const isLacking = sorted.some((id, index) => {
            const next = sorted[index + 1]
            if (next === undefined || next === id + 1) return false
            return minuteOfId(id) <= minute && minute <= minuteOfId(next)
          })
          expectEqual(line !== undefined && isMissingFrom(line, minute), isLacking)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('says of no trade before its first that it is missing, nor of any where ids only grow', () => {
    const started = startLine({ name: '', isContiguous: true }, { id: 500, minute: 60 })
    expect([isMissingFrom(started, 60), admissionOf(started, 499), admissionOf(started, 500)]).toEqual([
      false,
      'filled',
      'duplicate',
    ])
    const growing = takeId(startLine({ name: '', isContiguous: false }, { id: 5, minute: 0 }), {
      id: 9,
      minute: 0,
    })
    expect([isMissingFrom(growing.line, 0), admissionOf(growing.line, 7)]).toEqual([false, 'filled'])
  })

  it('forgets the gaps whose trades are too old, and tells how many it lacked', () => {
    let line = startLine({ name: '', isContiguous: true }, { id: 0, minute: 0 })
    for (const id of [3, 12, 15]) line = takeId(line, { id, minute: minuteOfId(id) }).line
    const { line: aged, forgotten } = ageGaps(line, 60)
    expect(forgotten.map((gap) => missingIn(line, gap))).toEqual([2])
    expect(aged.gaps.map(({ first, last }) => [first, last])).toEqual([
      [4, 11],
      [13, 14],
    ])
    expect(admissionOf(aged, 2)).toBe('duplicate')
  })

  it('remembers a bounded number of gaps, and tells which it forgot', () => {
    for (const [isContiguous, most] of [
      [true, MAX_GAPS.contiguous],
      [false, MAX_GAPS.growing],
    ] as const) {
      let line = startLine({ name: '', isContiguous }, { id: 0, minute: 0 })
      const forgotten: Gap[] = []
      for (let id = 2; id <= 2 * (most + 3); id += 2) {
        const taken = takeId(line, { id, minute: 0 })
        line = taken.line
        forgotten.push(...taken.forgotten)
      }
      expect(line.gaps).toHaveLength(most)
      expect(forgotten.map(({ first }) => first)).toEqual([1, 3, 5])
      expect([admissionOf(line, 1), admissionOf(line, 7)]).toEqual(['uncertain', 'filled'])
    }
  })
})
