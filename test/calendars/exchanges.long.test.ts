import { beforeAll, describe, expect, it } from 'vitest'

import { type Calendar, createCalendar } from '../../functions/domain/calendar/calendar.ts'
import { EXCHANGES } from '../../functions/domain/calendar/exchange-data.ts'
import { exchangeRules } from '../../functions/domain/calendar/exchanges.ts'
import { hasPythonFrom } from '../support/python-package.ts'
import { dayOf, exchangeData } from './exchange-table.ts'
import { readSessions, type Sessions } from './read-sessions.ts'

/** 25 years, day by day, and as far ahead as is known. */
const FIRST = '2000-01-01'
const LAST = '2028-12-31'
const NAMES = Object.keys(EXCHANGES)
const HOUR = 3600

/** Where the two sources differ. */
const DIFFERENCES: Readonly<Record<string, { readonly first: string; readonly days: string }>> = {
  // Openings that were late by minutes, or till noon, and one early close, which exchange_calendars leaves out.
  XNYS: {
    first: FIRST,
    days: '2001-09-17 2001-10-08 2002-09-11 2003-03-20 2004-06-07 2005-06-01 2006-12-27',
  },
  // Mornings of Good Friday, and early closes on Juneteenth and before Independence Day, which exchange_calendars leaves out.
  CMES: {
    first: '2016-01-01',
    days: `
      2017-07-03 2018-07-03 2019-07-03 2021-04-02 2022-06-20 2023-04-07 2023-06-19 2023-07-03 2024-03-29 2024-06-19 2024-07-03
      2025-04-18 2025-06-19 2025-07-03 2026-04-03 2026-06-19 2027-03-26 2027-06-18 2028-04-14 2028-06-19 2028-07-03`,
  },
  // An hour of trading on the evening of Diwali, which exchange_calendars leaves out, and a day that was longer after a failure.
  XNSE: {
    first: '2014-01-01',
    days: '2014-10-23 2015-11-11 2017-10-19 2018-11-07 2021-02-24 2021-11-04 2022-10-24 2024-11-01 2025-10-21',
  },
}

let source: ReadonlyMap<string, Sessions>
let second: ReadonlyMap<string, Sessions>
let extended: ReadonlyMap<string, Sessions>

function calendarOf(name: string): Calendar {
  const rules = exchangeRules(name)
  if (rules === undefined) throw new Error(`there is no calendar ${name}`)
  return createCalendar(rules)
}

/** Each weekday and weekend of the span with what the calendar says and what a source says, where they differ. */
function differences(
  name: string,
  { sessions, last }: Pick<Sessions, 'sessions' | 'last'>,
  {
    first = FIRST,
    kind = 'regular',
  }: { readonly first?: string; readonly kind?: 'regular' | 'extended' } = {},
) {
  const calendar = calendarOf(name)
  const theirs = new Map(sessions.map((each) => [dayOf(each.day), each]))
  const found: {
    readonly date: string
    readonly opens: number | undefined
    readonly closes: number | undefined
  }[] = []
  for (let day = dayOf(first); day <= dayOf(last); day++) {
    const windows = calendar.windowsOf(day, kind)
    const [ours] = windows
    const other = theirs.get(day)
    expect(windows.length).toBeLessThanOrEqual(1)
    if (ours?.from === other?.from && ours?.until === other?.until) continue
    const date = new Date(day * 86_400_000).toISOString().slice(0, 10)
    const both = ours !== undefined && other !== undefined
    found.push({
      date,
      opens: both ? ours.from - other.from : undefined,
      closes: both ? ours.until - other.until : undefined,
    })
  }
  return found
}

describe.runIf(hasPythonFrom(11))(
  'the calendars of exchanges, day by day from 2000 to two years ahead',
  () => {
    beforeAll(async () => {
      source = await readSessions('sessions.py', { first: FIRST, last: LAST })
      second = await readSessions('second-source.py', { first: FIRST, last: LAST, kind: 'regular' })
      extended = await readSessions('second-source.py', { first: FIRST, last: LAST, kind: 'extended' })
    }, 600_000)

    it('are what exchange_calendars makes today: npm run calendars changes nothing', () => {
      const made = Object.fromEntries(
        [...source].map(([name, each]) => [name, exchangeData(name, each, FIRST)]),
      )
      expect(made).toEqual(EXCHANGES)
    })

    it.each(NAMES.filter((name) => name !== 'CMES'))(
      '%s opens and closes when exchange_calendars says',
      (name) => {
        const sessions = source.get(name)
        expect(sessions?.sessions.length).toBeGreaterThan(25 * 240)
        expect(sessions && differences(name, sessions)).toEqual([])
      },
    )

    it('CMES closes an hour earlier, since exchange_calendars leaves out the daily pause of Globex', () => {
      const sessions = source.get('CMES')
      const found = (sessions && differences('CMES', sessions)) ?? []
      expect(found.length).toBeGreaterThan(7000)
      expect(found.filter(({ opens, closes }) => opens !== 0 || closes !== -HOUR)).toEqual([])
    })

    it.each(['XLON', 'XETR'])('%s is the same in pandas_market_calendars', (name) => {
      const sessions = second.get(name)
      expect(sessions && differences(name, sessions)).toEqual([])
    })

    it.each(['XNYS', 'XNAS'])('%s has the extended hours of pandas_market_calendars since 2014', (name) => {
      const sessions = extended.get(name)
      expect(sessions && differences(name, sessions, { first: '2014-01-01', kind: 'extended' })).toEqual([])
    })

    it.each(Object.keys(DIFFERENCES))(
      '%s differs from pandas_market_calendars on these days only',
      (name) => {
        const { first, days } = DIFFERENCES[name] ?? { first: FIRST, days: '' }
        const last = EXCHANGES[name]?.last ?? LAST
        const found = differences(name, { sessions: second.get(name)?.sessions ?? [], last }, { first })
        expect(found.map(({ date }) => date)).toEqual(days.trim().split(/\s+/))
      },
    )
  },
)
