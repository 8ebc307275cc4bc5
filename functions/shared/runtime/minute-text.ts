const DAY_SECONDS = 86_400
const TIMES = Array.from({ length: 1440 }, (_, minute) =>
  new Date(minute * 60_000).toISOString().slice(11, 19),
)
let lastDay = { start: 0, date: '1970-01-01' }

/** The start of a minute (Unix seconds) as streams, files and messages write it: `2025-11-10T17:24:00Z`. */
export function minuteText(start: number): string {
  // Before 1970 as well.
  const seconds = ((start % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS
  // Those of a batch are of few days, and a date takes much longer to write than a time.
  if (lastDay.start !== start - seconds)
    lastDay = { start: start - seconds, date: new Date(start * 1000).toISOString().slice(0, 10) }
  return `${lastDay.date}T${TIMES[seconds / 60]}Z`
}
