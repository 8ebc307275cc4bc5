/** The wall clock and its timers, so that a test need not wait for a minute. */
export type Clock = {
  /** Unix milliseconds. */
  readonly now: () => number
  /** Calls `callback` once after `milliseconds`; the returned function cancels. */
  readonly after: (milliseconds: number, callback: () => void) => () => void
}

export const systemClock: Clock = {
  now: Date.now,
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}
