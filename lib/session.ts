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

/**
 * A CloudWatch expression that is true within the session; one over midnight begins on a weekday.
 *
 * @param clock id of a metric that has a value each minute
 */
export function sessionExpression({ from, to }: Extract<Session, { type: 'hours' }>, clock: string): string {
  const minute = `(HOUR(${clock}) * 60 + MINUTE(${clock}))`
  // Monday is 1.
  const day = `DAY(${clock})`
  if (from < to) return `${day} < 6 AND ${minute} >= ${from} AND ${minute} < ${to}`
  return `(${day} < 6 AND ${minute} >= ${from}) OR (${day} > 1 AND ${day} < 7 AND ${minute} < ${to})`
}

function minuteOfDay(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}
