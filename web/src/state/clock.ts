import { computed, signal } from '@preact/signals'

/** Unix milliseconds, once a second. */
export const now = signal(Date.now())

const STEP_MS = 15_000

/** The same, but it changes only every 15 seconds: what many rows look at. */
export const slowNow = computed(() => Math.floor(now.value / STEP_MS) * STEP_MS)

export function startClock(): void {
  setInterval(() => {
    now.value = Date.now()
  }, 1000)
}
