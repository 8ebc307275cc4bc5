import { describe, expect, it } from 'vitest'

import { longestOf, parseTimeframe, timeframeOf } from '../../../../functions/domain/calendar/timeframe.ts'

describe('a timeframe', () => {
  it.each([
    ['1Min', '1Min'],
    ['7T', '7Min'],
    ['59Minute', '59Min'],
    ['60Min', '1Hour'],
    ['23H', '23Hour'],
    ['24Hour', '1Day'],
    ['1D', '1Day'],
    ['1W', '1Week'],
    ['12M', '12Month'],
    ['3Month', '3Month'],
  ])('%s is named %s, and its name names it', (text, name) => {
    expect(parseTimeframe(text)?.name).toBe(name)
    expect(parseTimeframe(name)).toEqual(parseTimeframe(text))
  })

  it.each([
    '',
    'Min',
    '0Min',
    '01Min',
    '61Min',
    '5m',
    '25Hour',
    '2Day',
    '2Week',
    '5Month',
    '1Year',
    '1 Min',
    '1constructor',
  ])('%j is none', (text) => {
    expect(parseTimeframe(text)).toBeUndefined()
  })

  it('has a whole number of its unit', () => {
    expect(timeframeOf(1.5, 'minute')).toBeUndefined()
    expect(timeframeOf(Number.NaN, 'hour')).toBeUndefined()
  })

  it('has a longest bar: a leap year, and the hours by which clocks are put back', () => {
    expect(longestOf({ name: '12Month', unit: 'month', count: 12 })).toBe(366 * 86_400 + 7200)
    expect(longestOf({ name: '7Min', unit: 'minute', count: 7 })).toBe(420)
  })
})
