const MINUTE_MS = 60_000

export type MinutePuts = {
  /** Puts the ticks of the minute that ends at a time, Unix milliseconds; how many. */
  readonly put: (end: number) => Promise<number>
  /** Resolves at a time, Unix milliseconds. */
  readonly until: (time: number) => Promise<void>
}

/**
 * What the schedule calls once a minute, at whatever second of it: it puts the ticks of a minute as that minute ends, so
 * that its bars are as old as those of a live market, and those of the minute before when this instance has not put them:
 * the aggregator ignores what comes twice.
 *
 * @returns what a call does, with the time for which it was scheduled, Unix milliseconds
 */
export function createMinutePuts({ put, until }: MinutePuts): (scheduled: number) => Promise<number> {
  let putThrough = -Infinity
  return async (scheduled) => {
    const before = Math.floor(scheduled / MINUTE_MS) * MINUTE_MS
    const end = before + MINUTE_MS
    let ticks = putThrough < before ? await put(before) : 0
    await until(end)
    ticks += await put(end)
    putThrough = end
    return ticks
  }
}
