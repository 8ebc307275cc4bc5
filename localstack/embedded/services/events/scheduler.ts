import type { Clock } from '../../clock.ts'
import type { Schedule } from './schedule-expression.ts'

const minuteMs = 60_000

/** Calls what is due at the start of each minute of the wall clock, as EventBridge rules do. */
export type Scheduler = {
  /** `fire` gets the minute's start, Unix milliseconds. */
  readonly add: (schedule: Schedule, fire: (minute: number) => void) => void
  readonly start: () => void
  readonly stop: () => void
}

/** A minute that passed while the machine slept or the runtime was down is not made up for. */
export function createScheduler(clock: Clock): Scheduler {
  const entries: { readonly schedule: Schedule; readonly fire: (minute: number) => void }[] = []
  let cancel: (() => void) | undefined
  const arm = (): void => {
    const now = clock.now()
    const next = Math.floor(now / minuteMs) * minuteMs + minuteMs
    cancel = clock.after(next - now, () => wake(next))
  }
  const wake = (minute: number): void => {
    // A timer may fire a little early by the wall clock; then the minute has yet to come.
    if (clock.now() < minute) return arm()
    for (const { schedule, fire } of entries) if (schedule(minute)) fire(minute)
    arm()
  }
  return {
    add: (schedule, fire) => {
      entries.push({ schedule, fire })
    },
    start: arm,
    stop: () => cancel?.(),
  }
}
