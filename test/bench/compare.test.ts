import { describe, expect, it } from 'vitest'

import { compareRuns } from '../../bench/compare.ts'
import { type Figure, judge } from '../../bench/measure.ts'
import { lineOf, linesOf } from '../../bench/print.ts'
import { parseRunRecord, recordedFigures, type RunRecord, runRecord } from '../../bench/run-record.ts'

const fold = (value: number): Figure => ({ name: 'fold', value, unit: 'trades/s', aim: '>= 100' })
const pass = (value: number): Figure => ({ name: 'a bar', value, unit: 'us', aim: '<= 10' })

/** What is recorded of one section that ran as often as there are values. */
function recordOf(...values: readonly Figure[]): RunRecord {
  return runRecord(
    recordedFigures(
      'section',
      values.map((figure) => [figure]),
    ),
  )
}

describe('an aim', () => {
  it.each([
    [fold(120), 'holds'],
    [fold(119), 'barely'],
    [fold(99), 'missed'],
    [pass(8), 'holds'],
    [pass(10), 'barely'],
    [pass(10.1), 'missed'],
    [{ name: 'lost', value: 0, unit: 'answers', aim: '= 0' }, 'holds'],
    [{ name: 'lost', value: 1, unit: 'answers', aim: '= 0' }, 'missed'],
  ] satisfies [Figure, string][])('of $0.name at $0.value is judged: $1', (figure, verdict) => {
    expect(judge(figure)).toBe(verdict)
  })

  it('is part of the line of a figure, with what became of it', () => {
    const [figure] = recordOf(pass(8)).figures
    expect(figure && lineOf(figure)).toMatch(/^a bar +8\.00 us +aim <= 10: holds$/)
  })
})

describe('what --json prints', () => {
  it('has the median of the runs, the aim and whether it holds, and can be read again', () => {
    const record = recordOf(fold(90), fold(130), fold(125))
    expect(parseRunRecord(JSON.stringify(record))).toEqual(record)
    expect(record.figures).toEqual([
      {
        section: 'section',
        name: 'fold',
        unit: 'trades/s',
        value: 125,
        values: [90, 130, 125],
        better: 'more',
        aim: '>= 100',
        verdict: 'holds',
      },
    ])
  })

  it('is refused when it is something else', () => {
    expect(() => parseRunRecord('{"figures":[{"name":"fold"}]}')).toThrow(/processor/)
  })
})

describe('compare', () => {
  it('tells what became slower by more than the runs of it differ', () => {
    const before = recordOf(pass(10), pass(10.5), pass(11))
    const { slower, faster, same } = compareRuns(before, recordOf(pass(13), pass(12.6), pass(12.7)))
    expect([slower.length, faster.length, same.length]).toEqual([1, 0, 0])
    expect(linesOf({ slower, faster, same, gone: [], added: [] })[0]).toMatch(
      /^slower by +21 % +section: a bar +10\.50 -> 12\.70 us +\(its runs differ by 10 %\)$/,
    )
  })

  it('knows for which figures more is better', () => {
    const { slower, faster } = compareRuns(recordOf(fold(100), fold(101)), recordOf(fold(150), fold(149)))
    expect([slower.length, faster.length]).toEqual([0, 1])
  })

  it('leaves a difference alone that the runs of either side have as well', () => {
    const before = recordOf(pass(8), pass(10), pass(12))
    expect(compareRuns(before, recordOf(pass(12), pass(12.1))).same).toHaveLength(1)
  })

  it('names what one side has not measured, of the sections that were measured now', () => {
    const before = runRecord([
      ...recordedFigures('fold', [[fold(1)]]),
      ...recordedFigures('api', [[pass(1)]]),
    ])
    const after = runRecord(recordedFigures('fold', [[pass(1)]]))
    expect(compareRuns(before, after)).toMatchObject({ gone: ['fold: fold'], added: ['fold: a bar'] })
  })
})
