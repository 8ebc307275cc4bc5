import type { Clock } from '../../clock.ts'
import type { Schedule } from './schedule-expression.ts'

const minuteMs = 60_000

/** Calls what is due, as EventBridge rules do. */
export type Scheduler = {
  /** Calls `fire` so long after the start of each minute in which the schedule is due; it gets that time, Unix milliseconds. */
  readonly add: (schedule: Schedule, fire: (time: number) => void, offsetMs?: number) => void
  readonly start: () => void
  readonly stop: () => void
}

type Entry = { readonly schedule: Schedule; readonly fire: (time: number) => void }

/** A minute that passed while the machine slept or the runtime was down is not made up for. */
export function createScheduler(clock: Clock): Scheduler {
  const byOffset = new Map<number, Entry[]>()
  const cancels = new Map<number, () => void>()
  const arm = (offsetMs: number): void => {
    const now = clock.now()
    const next = Math.floor((now - offsetMs) / minuteMs) * minuteMs + minuteMs
    cancels.set(
      offsetMs,
      clock.after(next + offsetMs - now, () => wake(next, offsetMs)),
    )
  }
  const wake = (minute: number, offsetMs: number): void => {
    const time = minute + offsetMs
    // A timer may fire a little early by the wall clock; then the minute has yet to come.
    if (clock.now() < time) return arm(offsetMs)
    for (const { schedule, fire } of byOffset.get(offsetMs) ?? []) if (schedule(minute)) fire(time)
    arm(offsetMs)
  }
  return {
    add: (schedule, fire, offsetMs = 0) => {
      byOffset.set(offsetMs, [...(byOffset.get(offsetMs) ?? []), { schedule, fire }])
    },
    start: () => {
      for (const offsetMs of byOffset.keys()) arm(offsetMs)
    },
    stop: () => {
      for (const cancel of cancels.values()) cancel()
    },
  }
}
