import { describe, expect, test } from 'vitest'
import { parseSchedule } from './schedule-expression.ts'

function isDue(expression: string, time: string) {
  return parseSchedule(expression)(Date.parse(time))
}

describe('parseSchedule', () => {
  test.each([
    ['rate(1 minute)', '2026-01-01T00:01:00Z', true],
    ['rate(5 minutes)', '2026-01-01T00:10:00Z', true],
    ['rate(5 minutes)', '2026-01-01T00:11:00Z', false],
    ['rate(1 day)', '2026-01-02T00:00:00Z', true],
    ['cron(0 3 * * ? *)', '2026-01-02T03:00:00Z', true],
    ['cron(0 3 * * ? *)', '2026-01-02T03:01:00Z', false],
    ['cron(0/15 8-18 ? * MON-FRI *)', '2026-01-02T09:45:00Z', true],
    ['cron(0/15 8-18 ? * MON-FRI *)', '2026-01-03T09:45:00Z', false],
    ['cron(0/15 8-18 ? * MON-FRI *)', '2026-01-02T19:45:00Z', false],
    ['cron(5,35 * 1 JAN,jul ? 2026)', '2026-07-01T12:35:00Z', true],
    ['cron(0 0 ? * FRI-MON *)', '2026-01-04T00:00:00Z', true],
    ['cron(0 0 ? * FRI-MON *)', '2026-01-07T00:00:00Z', false],
  ])('%s at %s: %s', (expression, time, expected) => {
    expect(isDue(expression, time)).toBe(expected)
  })

  test.each([
    'rate(0 minutes)',
    'every minute',
    'cron(* * * * *)',
    'cron(61 * * * ? *)',
    'cron(0 0 L * ? *)',
    'cron(0/x 0 1 * ? *)',
  ])('refuses %s', (expression) => {
    expect(() => parseSchedule(expression)).toThrow(expression)
  })
})
