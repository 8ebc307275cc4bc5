import { runInNewContext } from 'node:vm'

import { describe, expect, it } from 'vitest'

import { isWithin, parseSession } from '../../functions/shared/tick-hours.ts'
import { sessionExpression } from '../../lib/session.ts'

/** Evaluates a CloudWatch expression at a time, with the functions and operators that it uses. */
function holdsAt(expression: string, time: Date): boolean {
  const script = expression.replaceAll(' AND ', ' && ').replaceAll(' OR ', ' || ')
  return Boolean(
    runInNewContext(script, {
      clock: time,
      // Monday is 1, Sunday 7.
      DAY: (at: Date) => at.getUTCDay() || 7,
      HOUR: (at: Date) => at.getUTCHours(),
      MINUTE: (at: Date) => at.getUTCMinutes(),
    }),
  )
}

const within = (session: string, time: string): boolean => {
  const parsed = parseSession(session)
  if (parsed.type !== 'hours') throw new Error(`${session} has no hours`)
  const holds = holdsAt(sessionExpression(parsed, 'clock'), new Date(time))
  expect(isWithin(parsed, Date.parse(time))).toBe(holds)
  return holds
}

// 2025-11-10 is a Monday.
describe('a session', () => {
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
  ])('of %s at %s: %s', (session, time, expected) => {
    expect(within(session, time)).toBe(expected)
  })

  it('is off or always without hours', () => {
    expect(parseSession('off')).toEqual({ type: 'off' })
    expect(parseSession('always')).toEqual({ type: 'always' })
  })
})
