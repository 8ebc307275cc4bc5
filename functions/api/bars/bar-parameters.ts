import { z } from '@hono/zod-openapi'

import { ONE_MINUTE, parseTimeframe, type Timeframe } from '../../domain/calendar/timeframe.ts'
import { adjustmentParameter } from '../adjustment/adjustment-parameter.ts'
import { describedInZone, limitParameter, numbersParameter, pageTokenParameter } from '../http/parameters.ts'
import { FILLS, SESSIONS } from './bar-choices.ts'
import { isTimeZone } from './timeframes.ts'

/** What is allowed as a timeframe, for errors. */
const TIMEFRAMES_ALLOWED = '1Min to 59Min, 1Hour to 23Hour, 1Day, 1Week, or 1, 2, 3, 4, 6 or 12Month'
const SHORT_TIMEFRAMES_ALLOWED =
  '1Min to 59Min, 1Hour to 23Hour or 1Day: a longer bar has more states than can be listed'

/** All names, and Alpaca's other spellings of them. */
const SPELLINGS =
  '^(([1-9]|[1-5]\\d|60)(Min|Minute|T)|([1-9]|1\\d|2[0-4])(Hour|H)|1(Day|D|Week|W)|([12346]|12)(Month|M))$'
const SHORT_SPELLINGS = '^(([1-9]|[1-5]\\d|60)(Min|Minute|T)|([1-9]|1\\d|2[0-4])(Hour|H)|1(Day|D))$'

function timeframeParameter(
  isTaken: (timeframe: Timeframe) => boolean,
  { allowed, pattern }: { readonly allowed: string; readonly pattern: string },
) {
  return z
    .string()
    .transform((text, context) => {
      const timeframe = parseTimeframe(text)
      if (timeframe !== undefined && isTaken(timeframe)) return timeframe
      context.addIssue({ code: 'custom', message: allowed })
      return z.NEVER
    })
    .default(ONE_MINUTE)
    .openapi({
      type: 'string',
      pattern,
      default: '1Min',
      example: '5Min',
      description: `How long a bar is: ${allowed}; Alpaca's other names for the same, such as 5T, 1H or 1D, are taken too`,
    })
}

/** Of which bars all states can be listed. */
export const shortTimeframe = timeframeParameter(({ unit }) => unit !== 'week' && unit !== 'month', {
  allowed: SHORT_TIMEFRAMES_ALLOWED,
  pattern: SHORT_SPELLINGS,
})

const ZONE_ALLOWED = 'the IANA name of a time zone, such as UTC, America/New_York or Asia/Kolkata'

/** Whose clocks days follow. */
export function zoneParameter(description: string) {
  return z
    .string()
    .refine(isTimeZone, ZONE_ALLOWED)
    .default('UTC')
    .openapi({
      type: 'string',
      default: 'UTC',
      example: 'America/New_York',
      description: `${description}: ${ZONE_ALLOWED}`,
    })
}

/** Which bars of a symbol, in which order, how many. */
export const barParameters = {
  timeframe: timeframeParameter(() => true, { allowed: TIMEFRAMES_ALLOWED, pattern: SPELLINGS }),
  tz: zoneParameter(
    'From whose midnight bars are counted, and where a day in `start`, `end` or `asof` begins',
  ),
  session: z.enum(SESSIONS, 'regular, extended or all').default('all').openapi({
    description:
      "Of which hours bars are made: those of the symbol's market, regular or extended, or all. Of a market's hours, bars of minutes and hours are counted from its openings, and longer ones begin with the first opening in them",
  }),
  fill: z.enum(FILLS, 'none, previous or zero').default('none').openapi({
    description:
      'What stands where a symbol has no bar, from its first one on and up to now: nothing, or a bar without trades (`n` and `rev` are 0) at the close before it, or with prices of 0',
  }),
  adjustment: adjustmentParameter,
  start: describedInZone('The first bar begins then or later; a day before `end` by default'),
  end: describedInZone('The last bar begins then or earlier; `asof`, or else now, by default'),
  asof: describedInZone(
    'Leaves out what was written later: bars, and corrections of bars, as they were known then; included, to the millisecond. Up to a minute ago: what was known later may still change',
  ),
  sort: z.enum(['asc', 'desc'], 'asc or desc').default('asc').openapi({
    description: 'Order by time within a symbol; symbols come in alphabetical order',
  }),
  limit: limitParameter,
  page_token: pageTokenParameter,
  numbers: numbersParameter,
}

const barParametersSchema = z.object(barParameters)

export type BarParameters = z.output<typeof barParametersSchema>
