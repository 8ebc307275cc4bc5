import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { breaksOf } from '../../web/src/market/breaks.ts'
import { parseTimeframe } from '../../functions/domain/calendar/timeframe.ts'
import { endOfBar, lengthOf, startOfBar, TIMEFRAMES, ZONES } from '../../web/src/market/timeframes.ts'

function at(text: string): number {
  return Date.parse(text) / 1000
}

describe('bounds of bars', () => {
  it('are multiples of the length in UTC', () => {
    expect(startOfBar(at('2025-11-10T14:38:12Z'), '15Min', 'UTC')).toBe(at('2025-11-10T14:30:00Z'))
    expect(startOfBar(at('2025-11-10T14:38:12Z'), '4Hour', 'UTC')).toBe(at('2025-11-10T12:00:00Z'))
  })

  it('follow the clocks of New York, also when they change', () => {
    const day = (text: string) => startOfBar(at(text), '1Day', 'America/New_York')
    expect(day('2025-11-10T03:00:00Z')).toBe(at('2025-11-09T05:00:00Z'))
    expect(day('2025-11-02T12:00:00Z')).toBe(at('2025-11-02T04:00:00Z'))
    expect(endOfBar(at('2025-11-02T04:00:00Z'), '1Day', 'America/New_York')).toBe(at('2025-11-03T05:00:00Z'))
    expect(endOfBar(at('2025-03-09T05:00:00Z'), '1Day', 'America/New_York')).toBe(at('2025-03-10T04:00:00Z'))
  })

  it('enclose every time', () => {
    const times = fc.integer({ min: at('1990-01-01T00:00:00Z'), max: at('2050-01-01T00:00:00Z') })
    fc.assert(
      fc.property(
        times,
        fc.constantFrom(...TIMEFRAMES.filter((timeframe) => lengthOf(timeframe) !== undefined)),
        fc.constantFrom(...ZONES),
        (time, timeframe, zone) => {
          const start = startOfBar(time, timeframe, zone) ?? Number.NaN
          expect(start).toBeLessThanOrEqual(time)
          expect(startOfBar(start, timeframe, zone)).toBe(start)
          expect(endOfBar(start, timeframe, zone) ?? 0).toBeGreaterThan(time - 3601)
        },
      ),
    )
  })

  it('are left to the API for weeks, months, and a timeframe that this page does not know', () => {
    expect(startOfBar(0, '1Week', 'UTC')).toBeUndefined()
    expect(startOfBar(0, '1Session', 'UTC')).toBeUndefined()
  })
})

describe('the timeframes that are offered', () => {
  it('are those of the API, under its names', () => {
    expect(TIMEFRAMES.map((timeframe) => parseTimeframe(timeframe)?.name)).toEqual(TIMEFRAMES)
  })
})

describe('times without bars', () => {
  it('keep their place where few bars are missing, and are breaks where many are', () => {
    expect(breaksOf([0, 60, 240], '1Min')).toEqual({ empty: [120, 180], breaks: [] })
    expect(breaksOf([0, 60, 6060], '1Min')).toEqual({ empty: [], breaks: [{ from: 120, to: 6060 }] })
  })

  it('are nothing of days, nor of timeframes that this page does not know', () => {
    expect(breaksOf([0, 259_200], '1Day')).toEqual({ empty: [], breaks: [] })
    expect(breaksOf([0, 259_200], '1Session')).toEqual({ empty: [], breaks: [] })
  })
})
