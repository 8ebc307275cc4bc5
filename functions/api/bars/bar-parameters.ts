import { z } from '@hono/zod-openapi'

import { describedInZone, limitParameter, numbersParameter, pageTokenParameter } from '../http/parameters.ts'
import { TIME_ZONES, timeframeOf, TIMEFRAMES, type Timeframe } from './timeframes.ts'

const NAMES = Object.keys(TIMEFRAMES).filter(isTimeframe)
const timeframes = z.enum(NAMES, `one of ${NAMES.join(', ')}`)

function isTimeframe(text: string): text is Timeframe {
  return Object.hasOwn(TIMEFRAMES, text)
}

/** Which bars of a symbol, in which order, how many. */
export const barParameters = {
  timeframe: z.string().transform(timeframeOf).pipe(timeframes).default('1Min').openapi({
    type: 'string',
    enum: NAMES,
    default: '1Min',
    description: "How long a bar is; Alpaca's other names for the same, such as 5T, 1H or 1D, are taken too",
  }),
  tz: z
    .enum(TIME_ZONES, `one of ${TIME_ZONES.join(', ')}`)
    .default('UTC')
    .openapi({
      description:
        'Whose days bars of 4Hour and 1Day follow, daylight saving included, and where a day in `start`, `end` or `asof` begins',
    }),
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
