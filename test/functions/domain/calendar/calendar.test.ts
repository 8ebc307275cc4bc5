import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  type Calendar,
  createCalendar,
  type HoursKind,
} from '../../../../functions/domain/calendar/calendar.ts'
import {
  decodeDays,
  encodeDays,
  EXCHANGE_NAMES,
  exchangeRules,
} from '../../../../functions/domain/calendar/exchanges.ts'
import { parseHours } from '../../../../functions/domain/calendar/parse-hours.ts'

const seconds = (text: string): number => Date.parse(text) / 1000
const day = (text: string): number => seconds(text) / 86_400

function calendarOf(name: string): Calendar {
  const rules = exchangeRules(name)
  if (rules === undefined) throw new Error(`there is no calendar ${name}`)
  return createCalendar(rules)
}

const windows = (calendar: Calendar, date: string, kind: HoursKind) =>
  calendar
    .windowsOf(day(date), kind)
    .map(({ from, until }) => [from, until].map((time) => new Date(time * 1000).toISOString().slice(0, 16)))

describe('the calendar of an exchange', () => {
  it('has regular and extended hours, which end early on some days', () => {
    const newYork = calendarOf('XNYS')
    expect(windows(newYork, '2025-11-26', 'regular')).toEqual([['2025-11-26T14:30', '2025-11-26T21:00']])
    expect(windows(newYork, '2025-11-26', 'extended')).toEqual([['2025-11-26T09:00', '2025-11-27T01:00']])
    expect(windows(newYork, '2025-11-27', 'extended')).toEqual([])
    expect(windows(newYork, '2025-11-28', 'regular')).toEqual([['2025-11-28T14:30', '2025-11-28T18:00']])
    expect(windows(newYork, '2025-11-28', 'extended')).toEqual([['2025-11-28T09:00', '2025-11-28T22:00']])
  })

  it('of Globex begins a day in the evening before it', () => {
    expect(windows(calendarOf('CMES'), '2025-11-10', 'regular')).toEqual([
      ['2025-11-09T23:00', '2025-11-10T22:00'],
    ])
  })

  it('has weekdays where nothing is known', () => {
    expect(windows(calendarOf('XNYS'), '1999-01-01', 'regular')).toHaveLength(1)
    expect(windows(calendarOf('XNYS'), '1999-01-02', 'regular')).toHaveLength(0)
  })

  it('never closes where it is 24/7', () => {
    const always = calendarOf('24/7')
    const span = { from: seconds('2025-11-01T10:00Z'), until: seconds('2025-12-01T00:30Z') }
    expect(always.windowsIn(span, 'regular')).toEqual([span])
  })

  it.each(EXCHANGE_NAMES)('%s says the same minute by minute, by day and by span', (name) => {
    const calendar = calendarOf(name)
    fc.assert(
      fc.property(
        fc.integer({ min: day('2000-01-01'), max: day('2030-01-01') }),
        fc.nat({ max: 5 * 1440 }),
        fc.constantFrom<HoursKind>('regular', 'extended'),
        (from, length, kind) => {
          const span = { from: from * 86_400 + 60 * (length % 1440), until: from * 86_400 + 60 * 2 * length }
          const open = calendar.windowsIn(span, kind)
          for (const [index, window] of open.entries()) {
            expect(window.from).toBeLessThan(window.until)
            expect(window.from).toBeGreaterThan(open[index - 1]?.until ?? -Infinity)
          }
          for (let time = span.from; time < span.until; time += 1800) {
            const isOpen = open.some((window) => window.from <= time && time < window.until)
            expect(calendar.isOpen(time, kind)).toBe(isOpen)
            const last = calendar.dayOf(time, kind)
            const first = last === undefined ? undefined : calendar.windowsOf(last, kind)[0]?.from
            expect(first).toBeLessThanOrEqual(time)
          }
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('hours of your own', () => {
  it('may have days of the week, several windows, holidays, early closes and extended hours', () => {
    const calendar = parseHours(
      'Asia/Hong_Kong Mon-Thu,Fri 09:30-12:00,13:00-16:00; extended 08:00-18:00; closed 2025-12-25, 2025-12-26; 2025-12-24 09:30-12:00',
    )
    expect(windows(calendar, '2025-12-23', 'regular')).toEqual([
      ['2025-12-23T01:30', '2025-12-23T04:00'],
      ['2025-12-23T05:00', '2025-12-23T08:00'],
    ])
    expect(windows(calendar, '2025-12-23', 'extended')).toEqual([['2025-12-23T00:00', '2025-12-23T10:00']])
    expect(windows(calendar, '2025-12-24', 'regular')).toEqual([['2025-12-24T01:30', '2025-12-24T04:00']])
    expect(windows(calendar, '2025-12-26', 'extended')).toEqual([])
    expect(windows(calendar, '2025-12-27', 'regular')).toEqual([])
  })

  it('go over the end of the week where days do', () => {
    const calendar = parseHours('Fri-Mon 10:00-11:00')
    const open = ['2025-11-10', '2025-11-11', '2025-11-14', '2025-11-15', '2025-11-16'].map(
      (date) => windows(calendar, date, 'regular').length,
    )
    expect(open).toEqual([1, 0, 1, 1, 1])
  })
})

it('days are kept as text, and read again', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 40_000 })), (days) => {
      const sorted = days.toSorted((one, other) => one - other)
      expect(decodeDays(encodeDays(sorted))).toEqual(sorted)
    }),
  )
})
