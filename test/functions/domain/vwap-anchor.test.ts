import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createCalendar } from '../../../functions/domain/calendar/calendar.ts'
import { exchangeRules } from '../../../functions/domain/calendar/exchanges.ts'
import { readCalendar } from '../../../functions/shared/runtime/trading-hours.ts'
import { createVwapDays, longestVwapDay } from '../../../functions/domain/vwap-anchor.ts'

const seconds = (text: string): number => Date.parse(text) / 1000
const days = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 86_400_000

describe('a day of the vwap', () => {
  it('is by its time zone, through both changes of the clock', () => {
    const vwapDayOf = createVwapDays({ timeZone: 'America/New_York', startMinutes: 0 })
    const lastMinutes = [
      ['2025-03-09T04:59:00Z', '2025-03-08'],
      ['2025-03-09T05:00:00Z', '2025-03-09'],
      ['2025-03-10T03:59:00Z', '2025-03-09'],
      ['2025-03-10T04:00:00Z', '2025-03-10'],
      ['2025-11-02T03:59:00Z', '2025-11-01'],
      ['2025-11-02T04:00:00Z', '2025-11-02'],
      ['2025-11-03T04:59:00Z', '2025-11-02'],
      ['2025-11-03T05:00:00Z', '2025-11-03'],
    ] as const
    for (const [time, day] of lastMinutes) expect([time, vwapDayOf(seconds(time))]).toEqual([time, days(day)])
  })

  it('begins when the rule says, and a bar before that belongs to the day before', () => {
    const vwapDayOf = createVwapDays({ timeZone: 'America/New_York', startMinutes: 9 * 60 + 30 })
    expect(vwapDayOf(seconds('2025-11-10T14:29:00Z'))).toBe(days('2025-11-09'))
    expect(vwapDayOf(seconds('2025-11-10T14:30:00Z'))).toBe(days('2025-11-10'))
    expect(vwapDayOf(seconds('2025-11-11T14:29:00Z'))).toBe(days('2025-11-10'))
  })

  it('begins to the minute, on any minute', () => {
    const vwapDayOf = createVwapDays({ timeZone: 'America/New_York', startMinutes: 9 * 60 + 31 })
    expect(vwapDayOf(seconds('2025-11-10T14:30:59Z'))).toBe(days('2025-11-09'))
    expect(vwapDayOf(seconds('2025-11-10T14:31:00Z'))).toBe(days('2025-11-10'))
  })

  it('begins when the clock first shows its start, or has skipped it', () => {
    const vwapDayOf = createVwapDays({ timeZone: 'America/New_York', startMinutes: 90 })
    const half = [
      ['2025-11-02T05:29:00Z', '2025-11-01'],
      ['2025-11-02T05:30:00Z', '2025-11-02'],
      ['2025-11-02T06:15:00Z', '2025-11-02'],
      ['2025-11-02T06:45:00Z', '2025-11-02'],
    ] as const
    for (const [time, day] of half) expect([time, vwapDayOf(seconds(time))]).toEqual([time, days(day)])
    const skipped = createVwapDays({ timeZone: 'America/New_York', startMinutes: 150 })
    expect(skipped(seconds('2025-03-09T06:59:00Z'))).toBe(days('2025-03-08'))
    expect(skipped(seconds('2025-03-09T07:00:00Z'))).toBe(days('2025-03-09'))
  })

  it('counts days as the calendar does, leap days and centuries included', () => {
    const vwapDayOf = createVwapDays({ timeZone: 'UTC', startMinutes: 0 })
    for (let day = days('1969-12-25'); day < days('2105-01-01'); day += 13)
      expect(vwapDayOf(day * 86_400 + 86_340)).toBe(day)
  })

  it('never goes back, wherever it begins and whichever way the clock is changed', () => {
    const zones = [
      'America/New_York',
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'America/Santiago',
      'Asia/Kolkata',
    ]
    const ofStart = fc.record({
      timeZone: fc.constantFrom(...zones),
      startMinutes: fc.integer({ min: 0, max: 1439 }),
      from: fc.integer({ min: days('2010-01-01'), max: days('2030-01-01') }),
    })
    fc.assert(
      fc.property(ofStart, ({ from, ...rule }) => {
        const vwapDayOf = createVwapDays(rule)
        const inOrder = Array.from({ length: 400 * 24 }, (_, hour) => vwapDayOf(from * 86_400 + hour * 3600))
        const steps = inOrder.map((day, hour) => day - (inOrder[hour - 1] ?? day))
        expect(steps.filter((step) => step !== 0 && step !== 1)).toEqual([])
        const backwards = createVwapDays(rule)
        const otherwise: number[] = []
        for (let hour = inOrder.length - 1; hour >= 0; hour -= 7)
          if (backwards(from * 86_400 + hour * 3600) !== inOrder[hour]) otherwise.push(hour)
        expect(otherwise).toEqual([])
      }),
      { numRuns: 10 },
    )
  })

  it('is refused in a time zone that is not there', () => {
    expect(() => createVwapDays({ timeZone: 'Mars/Olympus', startMinutes: 0 })).toThrow(/Mars\/Olympus/)
  })
})

describe('a day of the vwap by a calendar', () => {
  const newYork = exchangeRules('XNYS')
  const vwapDayOf = createVwapDays(createCalendar(newYork ?? { timeZone: 'UTC', week: [], days: new Map() }))

  it('begins at the open of a trading day, and goes on over nights, weekends and holidays', () => {
    const openings = [
      ['2025-11-26T14:29:00Z', '2025-11-25'],
      ['2025-11-26T14:30:00Z', '2025-11-26'],
      // Thanksgiving.
      ['2025-11-27T15:00:00Z', '2025-11-26'],
      ['2025-11-28T14:30:00Z', '2025-11-28'],
      ['2025-12-01T14:29:00Z', '2025-11-28'],
      ['2025-12-01T14:30:00Z', '2025-12-01'],
    ] as const
    for (const [time, day] of openings) expect([time, vwapDayOf(seconds(time))]).toEqual([time, days(day)])
  })

  it('is each minute by itself where a market was closed for a month', () => {
    const never = createVwapDays(createCalendar({ timeZone: 'UTC', week: [], days: new Map() }))
    expect(never(0)).not.toBe(never(60))
  })
})

it.each([
  ['a clock', { timeZone: 'America/New_York', startMinutes: 0 }],
  ['XNYS', readCalendar('XNYS')],
])('no day of the vwap of %s is longer than the longest', (_name, anchor) => {
  const vwapDayOf = createVwapDays(anchor)
  const longest = longestVwapDay(anchor)
  let [first, day, most] = [seconds('2010-01-01T00:00:00Z'), Number.NaN, 0]
  for (let time = first; time < seconds('2026-01-01T00:00:00Z'); time += 1800) {
    const own = vwapDayOf(time)
    if (own !== day) [first, day] = [time, own]
    most = Math.max(most, time - first)
  }
  expect(most).toBeLessThan(longest)
})
