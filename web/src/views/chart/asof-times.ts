/** The API refuses a later one, whose answer might still change; a few seconds are left to the clocks. */
const SETTLED_SECONDS = 65

/** Unix seconds of the latest time that `asof` may be, on the minute. */
export function latestAsof(): number {
  return Math.floor((Date.now() / 1000 - SETTLED_SECONDS) / 60) * 60
}
