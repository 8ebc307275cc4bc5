import { describe, expect, it } from 'vitest'

import { isOpen, parseTradingHours } from '../../../../functions/shared/runtime/trading-hours.ts'

// 2025-11-10 is a Monday, in winter; 2025-07-07 one in summer.
describe('trading hours', () => {
  it.each([
    ['14:30-21:00', '2025-11-10T14:29:00Z', false],
    ['14:30-21:00', '2025-11-10T14:30:00Z', true],
    ['14:30-21:00', '2025-11-10T20:59:00Z', true],
    ['14:30-21:00', '2025-11-10T21:00:00Z', false],
    ['14:30-21:00', '2025-11-15T15:00:00Z', false],
    ['14:30-21:00', '2025-11-16T15:00:00Z', false],
    ['22:00-05:00', '2025-11-10T04:00:00Z', false],
    ['22:00-05:00', '2025-11-10T22:00:00Z', true],
    ['22:00-05:00', '2025-11-11T04:59:00Z', true],
    ['22:00-05:00', '2025-11-11T05:00:00Z', false],
    ['22:00-05:00', '2025-11-15T04:59:00Z', true],
    ['22:00-05:00', '2025-11-15T22:00:00Z', false],
    ['22:00-05:00', '2025-11-16T04:59:00Z', false],
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
    expect(isOpen(parseTradingHours(hours), Date.parse(time))).toBe(expected)
  })

  it.each([
    ['21:00-21:00', /begins when it ends; allowed is .*America\/New_York 09:30-16:00/],
    ['Mars/Olympus 09:30-16:00', /no time zone Mars\/Olympus; allowed/],
    ['9-5', /^allowed is off, always/],
    ['24:00-05:00', /^allowed/],
    ['', /^allowed/],
  ])('"%s" is refused with what is allowed', (text, says) => {
    expect(() => parseTradingHours(text)).toThrow(says)
  })
})
