import * as z from 'zod'

const EARLIEST = Date.parse('1980-01-01T00:00:00Z') / 1000
const MINUTE_ALLOWED = 'a UTC day such as "2025-11-10" or minute such as "2025-11-10T14:30:00Z", from 1980 on'

/** Unix seconds of the start of a minute. */
export const jobMinute = z
  .string(MINUTE_ALLOWED)
  .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:00)?Z)?$/, MINUTE_ALLOWED)
  .refine(isTime, MINUTE_ALLOWED)
  .transform((text) => Date.parse(text) / 1000)
  .refine((seconds) => seconds >= EARLIEST, MINUTE_ALLOWED)

/** JavaScript reads 30 February as 2 March. */
function isTime(text: string): boolean {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 10))
}
