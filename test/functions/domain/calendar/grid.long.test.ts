import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { gridOf } from '../../../../functions/domain/calendar/grid.ts'
import { longestOf, parseTimeframe } from '../../../../functions/domain/calendar/timeframe.ts'
import { createZone } from '../../../../functions/domain/calendar/time-zone.ts'

const seconds = (text: string): number => Date.parse(text) / 1000
const iso = (time: number): string => new Date(time * 1000).toISOString().slice(0, 16)

/** The starts of the bars of a span. */
function startsIn(name: string, zone: string, [from, until]: readonly [string, string]): string[] {
  const timeframe = parseTimeframe(name)
  if (timeframe === undefined) throw new Error(`there is no timeframe ${name}`)
  const span = { from: seconds(from), until: seconds(until) }
  const { segments, step } = gridOf(timeframe, createZone(zone), span)
  const starts = segments.flatMap((segment) => {
    const count = Math.ceil((segment.until - segment.from) / step)
    return Array.from({ length: count }, (_, index) => segment.from + index * step)
  })
  return starts.filter((start) => start >= span.from && start < span.until).map(iso)
}

describe('bars', () => {
  it('of minutes are counted from midnight, and the last of a day is cut by the next', () => {
    const starts = startsIn('7Min', 'America/New_York', ['2025-11-11T04:40Z', '2025-11-11T05:10Z'])
    expect(starts).toEqual([
      '2025-11-11T04:41',
      '2025-11-11T04:48',
      '2025-11-11T04:55',
      '2025-11-11T05:00',
      '2025-11-11T05:07',
    ])
  })

  it('of several hours follow the clock: the one that is put back makes one longer, the other one shorter', () => {
    const hours = (day: string, next: string) => startsIn('2Hour', 'America/New_York', [day, next])
    expect(hours('2025-11-02T04:00Z', '2025-11-02T10:00Z')).toEqual([
      '2025-11-02T04:00',
      '2025-11-02T07:00',
      '2025-11-02T09:00',
    ])
    expect(hours('2025-03-09T05:00Z', '2025-03-09T10:00Z')).toEqual([
      '2025-03-09T05:00',
      '2025-03-09T07:00',
      '2025-03-09T08:00',
    ])
  })

  it('of 5 hours begin again at midnight', () => {
    const starts = startsIn('5Hour', 'UTC', ['2025-11-10T10:00Z', '2025-11-11T06:00Z'])
    expect(starts).toEqual([
      '2025-11-10T10:00',
      '2025-11-10T15:00',
      '2025-11-10T20:00',
      '2025-11-11T00:00',
      '2025-11-11T05:00',
    ])
  })

  it('of weeks begin on Monday, of months on the first, of several months in January', () => {
    const year = ['2025-01-01T05:00Z', '2026-01-01T05:00Z'] as const
    expect(startsIn('1Week', 'America/New_York', year).slice(0, 2)).toEqual([
      '2025-01-06T05:00',
      '2025-01-13T05:00',
    ])
    expect(startsIn('3Month', 'America/New_York', year)).toEqual([
      '2025-01-01T05:00',
      '2025-04-01T04:00',
      '2025-07-01T04:00',
      '2025-10-01T04:00',
    ])
    expect(startsIn('12Month', 'Asia/Kolkata', ['2024-01-01T00:00Z', '2026-01-01T00:00Z'])).toEqual([
      '2024-12-31T18:30',
      '2025-12-31T18:30',
    ])
  })

  it('begin when the clock first shows midnight, or has skipped it', () => {
    const days = (zone: string, day: string, next: string) => startsIn('1Day', zone, [day, next])
    expect(days('America/Sao_Paulo', '2018-11-03T12:00Z', '2018-11-05T12:00Z')).toEqual([
      '2018-11-04T03:00',
      '2018-11-05T02:00',
    ])
    expect(days('America/Havana', '2018-11-03T12:00Z', '2018-11-05T12:00Z')).toEqual([
      '2018-11-04T04:00',
      '2018-11-05T05:00',
    ])
    // Samoa had no 30 December.
    expect(days('Pacific/Apia', '2011-12-29T00:00Z', '2012-01-01T00:00Z')).toEqual([
      '2011-12-29T10:00',
      '2011-12-30T10:00',
      '2011-12-31T10:00',
    ])
  })

  it('of a span are those of a longer one, without a gap, and none is longer than said', () => {
    const names = [
      '7Min',
      '59Min',
      '1Hour',
      '2Hour',
      '5Hour',
      '23Hour',
      '1Day',
      '1Week',
      '1Month',
      '6Month',
      '12Month',
    ]
    const zones = [
      'UTC',
      'America/New_York',
      'America/Sao_Paulo',
      'Australia/Lord_Howe',
      'Antarctica/Troll',
      'Pacific/Apia',
      'America/St_Johns',
    ]
    const day = 86_400
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.constantFrom(...zones),
        fc.integer({ min: seconds('2006-01-01'), max: seconds('2030-01-01') }),
        fc.integer({ min: 1, max: 40 * day }),
        (name, zoneName, from, length) => {
          const timeframe = parseTimeframe(name)
          if (timeframe === undefined) throw new Error(name)
          const zone = createZone(zoneName)
          const grid = gridOf(timeframe, zone, { from, until: from + length })
          const { segments, step } = grid
          expect(segments[0]?.from).toBeLessThanOrEqual(from)
          expect(segments.at(-1)?.until).toBeGreaterThanOrEqual(from + length)
          expect(segments.slice(1).map((each) => each.from)).toEqual(
            segments.slice(0, -1).map((each) => each.until),
          )
          const lengths = segments.map((each) => Math.min(step, each.until - each.from))
          expect(Math.min(...lengths)).toBeGreaterThan(0)
          expect(Math.max(...lengths)).toBeLessThanOrEqual(longestOf(timeframe))
          const longer = gridOf(timeframe, zone, { from: from - 400 * day, until: from + length + day })
          expect(longer.segments).toEqual(expect.arrayContaining([...segments]))
        },
      ),
      { numRuns: 150 },
    )
  })
})
