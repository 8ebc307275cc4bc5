import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Clock } from '../../clock.ts'
import { parseSchedule } from './schedule-expression.ts'
import { createScheduler } from './scheduler.ts'

/** A clock whose timers fire when `advance` passes them. */
function clockFrom(start: number): { readonly clock: Clock; readonly advance: (to: number) => void } {
  let now = start
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  return {
    clock: {
      now: () => now,
      after: (milliseconds, callback) => {
        const timer = { at: now + milliseconds, callback }
        timers.add(timer)
        return () => timers.delete(timer)
      },
    },
    advance: (to) => {
      for (;;) {
        const [next] = [...timers].toSorted((one, other) => one.at - other.at)
        if (next === undefined || next.at > to) break
        timers.delete(next)
        now = Math.max(now, next.at)
        next.callback()
      }
      now = to
    },
  }
}

test('a schedule fires at its offset in each minute in which it is due, whenever the runtime was started', () => {
  const offset = fc.integer({ min: 0, max: 59_999 })
  const property = fc.property(
    offset,
    offset,
    fc.integer({ min: 1, max: 5 }),
    (offsetMs, startedAt, every) => {
      const { clock, advance } = clockFrom(startedAt)
      const scheduler = createScheduler(clock)
      const fired: number[] = []
      scheduler.add(
        parseSchedule(`rate(${every} minutes)`),
        (time) => void fired.push(time, clock.now()),
        offsetMs,
      )
      scheduler.start()
      advance(20 * 60_000)
      scheduler.stop()
      const expected = Array.from({ length: 21 }, (_, minute) => minute)
        .filter((minute) => minute % every === 0)
        .map((minute) => minute * 60_000 + offsetMs)
        .filter((time) => time > startedAt && time <= 20 * 60_000)
      expect(fired).toEqual(expected.flatMap((time) => [time, time]))
      advance(40 * 60_000)
      expect(fired.length).toBe(expected.length * 2)
    },
  )
  fc.assert(property)
})
