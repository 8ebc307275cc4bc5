import type { Session } from '../functions/shared/tick-hours.ts'

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
