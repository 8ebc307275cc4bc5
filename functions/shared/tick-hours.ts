/** When ticks must come: never, at all times, or on weekdays between two minutes of the day (UTC). */
export type Session =
  | { readonly type: 'off' }
  | { readonly type: 'always' }
  | { readonly type: 'hours'; readonly from: number; readonly to: number }

/** Parses the config's `session`, whose form the config has checked. */
export function parseSession(text: string): Session {
  if (text === 'off' || text === 'always') return { type: text }
  const [from = 0, to = 0] = text.split('-').map(minuteOfDay)
  return { type: 'hours', from, to }
}

/** Whether a time (Unix milliseconds) is in a session of hours; one over midnight begins on a weekday. */
export function isWithin({ from, to }: Extract<Session, { type: 'hours' }>, time: number): boolean {
  const at = new Date(time)
  const minute = at.getUTCHours() * 60 + at.getUTCMinutes()
  // Sunday is 0.
  const day = at.getUTCDay()
  const isWeekday = day > 0 && day < 6
  if (from < to) return isWeekday && minute >= from && minute < to
  return (isWeekday && minute >= from) || (day > 1 && minute < to)
}

function minuteOfDay(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}
