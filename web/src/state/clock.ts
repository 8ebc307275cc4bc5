import { signal } from '@preact/signals'

/** Unix milliseconds, once a second. */
export const now = signal(Date.now())

export function startClock(): void {
  setInterval(() => {
    now.value = Date.now()
  }, 1000)
}
