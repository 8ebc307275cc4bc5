import { setTimeout as wait } from 'node:timers/promises'

/** Time as the feed sees it; passed in, so that tests need not wait. */
export type Clock = {
  /** Unix milliseconds. */
  now(): number
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** The longest time a Node timer can be set to, in milliseconds. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    const end = Date.now() + ms
    for (let left = ms; left > 0 && !signal.aborted; left = end - Date.now()) {
      await wait(Math.min(left, LONGEST_SLEEP_MS), undefined, { signal }).catch(() => undefined)
    }
  },
}
