import { describe, expect, it } from 'vitest'

import {
  hoursOf,
  isAnyOpen,
  isOff,
  isOpen,
  parseTradingHours,
} from '../../../../functions/shared/runtime/trading-hours.ts'

// 2025-11-10 is a Monday, in winter; 2025-07-07 one in summer.
describe('trading hours', () => {
  it.each([
    ['14:30-21:00', '2025-11-10T14:29:00Z', false],
    ['14:30-21:00', '2025-11-10T14:30:00Z', true],
    ['14:30-21:00', '2025-11-10T20:59:00Z', true],
    ['14:30-21:00', '2025-11-10T21:00:00Z', false],
    ['14:30-21:00', '2025-11-15T15:00:00Z', false],
    ['14:30-21:00', '2025-11-16T15:00:00Z', false],
    // Over midnight: the day is that on which they end.
    ['22:00-05:00', '2025-11-09T21:59:00Z', false],
    ['22:00-05:00', '2025-11-09T22:00:00Z', true],
    ['22:00-05:00', '2025-11-10T04:59:00Z', true],
    ['22:00-05:00', '2025-11-10T05:00:00Z', false],
    ['22:00-05:00', '2025-11-14T04:59:00Z', true],
    ['22:00-05:00', '2025-11-14T22:00:00Z', false],
    ['22:00-05:00', '2025-11-15T04:59:00Z', false],
    ['America/New_York 18:00-17:00', '2025-11-09T23:59:00Z', true],
    ['America/New_York 18:00-17:00', '2025-11-10T22:30:00Z', false],
    ['America/New_York 18:00-17:00', '2025-11-15T00:00:00Z', false],
    ['America/New_York Tue-Sat 18:00-17:00', '2025-11-15T00:00:00Z', true],
    // Thanksgiving, and the Friday after it.
    ['XNYS', '2025-11-27T15:00:00Z', false],
    ['XNYS', '2025-11-28T17:59:00Z', true],
    ['XNYS', '2025-11-28T18:00:00Z', false],
    ['CMES', '2025-11-09T23:00:00Z', true],
    ['CMES', '2025-11-10T22:30:00Z', false],
    ['CMES', '2025-11-14T23:30:00Z', false],
    ['FX', '2025-11-14T21:59:00Z', true],
    ['FX', '2025-11-14T22:00:00Z', false],
    ['FX', '2025-11-16T22:00:00Z', true],
    ['24/7', '2025-11-15T03:00:00Z', true],
    ['Asia/Tokyo Mon-Fri 09:00-11:30,12:30-15:30; closed 2025-11-24', '2025-11-10T03:00:00Z', false],
    ['Asia/Tokyo Mon-Fri 09:00-11:30,12:30-15:30; closed 2025-11-24', '2025-11-10T03:30:00Z', true],
    ['Asia/Tokyo Mon-Fri 09:00-11:30,12:30-15:30; closed 2025-11-24', '2025-11-24T03:30:00Z', false],
    ['UTC 09:00-24:00; 2025-12-24,2025-12-31 09:00-12:00', '2025-12-31T12:00:00Z', false],
    ['UTC 09:00-24:00; 2025-12-24,2025-12-31 09:00-12:00', '2025-12-30T23:59:00Z', true],
    ['America/New_York 04:00-20:00; closed as XNYS', '2025-11-27T15:00:00Z', false],
    ['America/New_York 04:00-20:00; closed as XNYS', '2025-11-28T20:00:00Z', true],
    ['America/New_York 09:30-16:00', '2025-11-10T14:29:00Z', false],
    ['America/New_York 09:30-16:00', '2025-11-10T14:30:00Z', true],
    ['America/New_York 09:30-16:00', '2025-11-10T20:59:00Z', true],
    ['America/New_York 09:30-16:00', '2025-11-10T21:00:00Z', false],
    ['America/New_York 09:30-16:00', '2025-07-07T13:29:00Z', false],
    ['America/New_York 09:30-16:00', '2025-07-07T13:30:00Z', true],
    ['America/New_York 09:30-16:00', '2025-07-07T20:00:00Z', false],
    // Sunday evening in UTC is Monday in Tokyo.
    ['Asia/Tokyo 08:00-15:00', '2025-11-09T23:00:00Z', true],
    ['Asia/Tokyo 08:00-15:00', '2025-11-14T23:00:00Z', false],
    ['always', '2025-11-15T03:00:00Z', true],
    ['off', '2025-11-10T15:00:00Z', false],
  ])('of %s at %s: %s', (hours, time, expected) => {
    expect(isOpen(hoursOf(parseTradingHours(hours), 'ANY'), Date.parse(time))).toBe(expected)
  })

  it.each([
    ['21:00-21:00', /begins when it ends; allowed are .*America\/New_York 09:30-16:00/],
    ['Mars/Olympus 09:30-16:00', /^there is no time zone Mars\/Olympus; allowed/],
    ['9-5', /^9-5 does not tell hours; allowed are hours as .*; or off, always, or an exchange: XNYS/],
    ['24:00-05:00', /^24:00-05:00 does not tell hours/],
    ['09:00-24:01', /^09:00-24:01 does not tell hours/],
    ['', /^ does not tell hours/],
    ['XNYZ', /^XNYZ does not tell hours/],
    ['UTC Mon-Fry 09:00-10:00', /^Mon-Fry names no days/],
    ['UTC once 09:00-10:00', /^UTC once 09:00-10:00 does not tell hours/],
    ['09:00-11:00,10:30-12:00', /windows that overlap or are not in order/],
    ['09:00-10:00; closed 2025-02-29', /^2025-02-29 is no day, as 2026-12-25/],
    ['09:00-10:00; closed as XXXX', /^there is no exchange XXXX/],
    ['09:00-10:00; 2025-12-24 09:00-10:00 x', /^2025-12-24 09:00-10:00 x does not tell hours/],
    ['{"A":5}', /^the hours of A are no text, or hours by symbol as/],
    ['{"":"XNYS"}', /^hours are given for no symbol/],
    ['{"A"', /is no JSON object of hours by symbol/],
    ['{"A":"noon"}', /^noon does not tell hours/],
  ])('"%s" is refused with what is allowed', (text, says) => {
    expect(() => parseTradingHours(text)).toThrow(says)
  })
})

describe('trading hours by symbol', () => {
  const hours = parseTradingHours('{"ES*,NQ*":"CMES","BTC/USD":"24/7","OLD":"off","*":"XNYS"}')
  const sunday = Date.parse('2025-11-09T23:30:00Z')

  it.each([
    ['ESZ5', true],
    ['BTC/USD', true],
    ['OLD', false],
    ['AAPL', false],
  ])('of %s on a Sunday evening: %s', (symbol, expected) => {
    expect(isOpen(hoursOf(hours, symbol), sunday)).toBe(expected)
  })

  it('expect trades while one of them does', () => {
    expect(isAnyOpen(hours, sunday)).toBe(true)
    expect(isAnyOpen(parseTradingHours('{"A":"XNYS","*":"XLON"}'), sunday)).toBe(false)
    expect(isOff(hours)).toBe(false)
    expect(isOff(parseTradingHours('{"A":"off"}'))).toBe(true)
  })

  it('are none of a symbol that fits no pattern', () => {
    expect(hoursOf(parseTradingHours('{"A":"XNYS"}'), 'B')).toEqual({ type: 'off' })
  })
})
