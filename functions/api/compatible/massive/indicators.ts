import { z } from '@hono/zod-openapi'

import { PERIOD } from '../../../domain/indicators/indicator.ts'
import { computeIndicators } from '../../computed/compute-indicators.ts'
import {
  type FoundIndicators,
  type IndicatorQuery,
  readIndicators,
} from '../../indicators/read-indicators.ts'
import { NUMBER_FORMATS } from '../../http/numbers.ts'
import { symbolParameter, wholeNumber } from '../../http/parameters.ts'
import { BadRequestError } from '../../http/problem.ts'
import { EARLIEST } from '../../http/times.ts'
import type { Call } from '../compatible.ts'
import { timeframeIn } from './aggregates.ts'
import {
  cursorParameter,
  envelope,
  massiveEndpoint,
  nextUrl,
  spanOf,
  timeParameter,
  zoneOf,
  unadjustedParameter,
} from './massive.ts'

const TIMESPANS = ['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const

const anyTime = timeParameter.optional()

/** Which values: of closes, newest first. */
const ofValues = {
  ticker: symbolParameter,
  timespan: z.enum(TIMESPANS, `one of ${TIMESPANS.join(', ')}`).default('day'),
  timestamp: anyTime,
  'timestamp.gte': anyTime,
  'timestamp.gt': anyTime,
  'timestamp.lte': anyTime,
  'timestamp.lt': anyTime,
  adjusted: unadjustedParameter,
  series_type: z.literal('close', 'close, or none').optional(),
  expand_underlying: z
    .literal('false', 'false, or none: ask for the bars at results.underlying.url')
    .optional(),
  order: z.enum(['asc', 'desc'], 'asc or desc').default('desc'),
  limit: wholeNumber({ max: 5000, fallback: 10, allowed: 'a whole number from 1 to 5000' }),
  cursor: cursorParameter,
}

const valuesSchema = z.object(ofValues)
type Values = z.output<typeof valuesSchema>

/** Averages and strength, each by the length of its window. */
export const massiveIndicators = (['sma', 'ema', 'rsi'] as const).map((kind) =>
  massiveEndpoint({
    path: `/v1/indicators/${kind}/{ticker}`,
    parameters: z.object({ ...ofValues, window: windowOf(kind === 'rsi' ? 14 : 50) }),
    read: ({ window, ...given }, call) =>
      answer(given, call, { kind, windows: { window }, outputs: { value: `${kind}_${window}` } }),
  }),
)

/** Convergence and divergence of two averages. */
export const massiveMacd = massiveEndpoint({
  path: '/v1/indicators/macd/{ticker}',
  parameters: z.object({
    ...ofValues,
    short_window: windowOf(12),
    long_window: windowOf(26),
    signal_window: windowOf(9),
  }),
  read: ({ short_window, long_window, signal_window, ...given }, call) => {
    const suffix = `_${short_window}_${long_window}_${signal_window}`
    return answer(given, call, {
      kind: 'macd',
      windows: { short_window, long_window, signal_window },
      outputs: {
        value: `macd${suffix}`,
        signal: `macd_signal${suffix}`,
        histogram: `macd_histogram${suffix}`,
      },
    })
  },
})

function windowOf(fallback: number) {
  return wholeNumber({ max: 10_000, fallback, allowed: 'a whole number from 1 to 10000' })
}

type Asked = {
  readonly kind: string
  readonly windows: Readonly<Record<string, number>>
  /** The names that the values have here, by those that they have in the answer. */
  readonly outputs: Readonly<Record<string, string>>
}

async function answer(given: Values, call: Call, { kind, windows, outputs }: Asked): Promise<unknown> {
  const { ticker, order, limit, cursor } = given
  const { page: pageOf } = await readValues(given, call, {
    symbol: ticker,
    names: Object.values(outputs),
    windows,
    direction: order,
    limit,
    asked: { ...spanFor(given), page_token: cursor },
    sizeOf: () => VALUE_SIZE,
  })
  const { rows, nextPageToken } = pageOf(limit)
  const { number } = NUMBER_FORMATS
  const values = rows.flatMap(({ time: seconds, entries }) => {
    const found = new Map(entries)
    const all = Object.entries(outputs).flatMap(([as, name]) => {
      const value = found.get(name)
      return value === undefined || value === null ? [] : [[as, number(value)] as const]
    })
    return all.length === 0 ? [] : [{ timestamp: seconds * 1000, ...Object.fromEntries(all) }]
  })
  const { timespan, adjusted, series_type } = given
  const times = Object.fromEntries(TIMES.map((name) => [name, given[name]]))
  const page = { timespan, adjusted, series_type, order, limit, ...times, ...windows, cursor: nextPageToken }
  return {
    results: { underlying: { url: underlyingUrl(given, rows, call) }, values },
    ...envelope(call.arrival),
    ...(nextPageToken !== null && {
      next_url: nextUrl(call.arrival, `/v1/indicators/${kind}/${encodeURIComponent(ticker)}`, {
        ...page,
        cursor: nextPageToken,
      }),
    }),
  }
}

/** Characters of an entry at the most. */
const VALUE_SIZE = 200

const TIMES = ['timestamp', 'timestamp.gte', 'timestamp.gt', 'timestamp.lte', 'timestamp.lt'] as const

/** Reads the values of minutes that are stored, and computes others from bars. */
async function readValues(
  { ticker, timespan }: Values,
  call: Call,
  {
    windows,
    ...query
  }: IndicatorQuery & { readonly names: readonly string[]; readonly windows: Asked['windows'] },
): Promise<FoundIndicators> {
  const isKnown = query.names.every((name) => call.indicators.includes(name))
  if (timespan === 'minute' && isKnown) return await readIndicators(call, query)
  const wrong = Object.entries(windows).find(([, window]) => window < PERIOD.min || window > PERIOD.max)
  if (wrong !== undefined)
    throw new BadRequestError([
      {
        parameter: wrong[0],
        value: String(wrong[1]),
        allowed: `a whole number from ${PERIOD.min} to ${PERIOD.max}`,
      },
    ])
  const zone = zoneOf(ticker)
  return await computeIndicators(call, {
    ...query,
    cut: { timeframe: timeframeIn('1', timespan), zone },
    cutName: [timespan, zone],
  })
}

/** Both ends are included. */
function spanFor(given: Values): { readonly start: number; readonly end: number | undefined } {
  const zone = zoneOf(given.ticker)
  const at = (name: (typeof TIMES)[number]) => {
    const text = given[name]
    return text === undefined ? undefined : spanOf(zone, text)
  }
  const exact = at('timestamp')
  const starts = [exact?.first, at('timestamp.gte')?.first, after(at('timestamp.gt')?.last, 1)]
  const ends = [exact?.last, at('timestamp.lte')?.last, after(at('timestamp.lt')?.first, -1)].filter(isGiven)
  return {
    start: Math.max(EARLIEST, ...starts.filter(isGiven)),
    end: ends.length === 0 ? undefined : Math.min(...ends),
  }
}

function after(time: number | undefined, by: 1 | -1): number | undefined {
  return time === undefined ? undefined : time + by
}

function isGiven(time: number | undefined): time is number {
  return time !== undefined
}

/** Where the bars of the values on the page are. */
function underlyingUrl(
  { ticker, timespan }: Values,
  rows: readonly { readonly time: number }[],
  { arrival, now }: Call,
): string {
  const times = rows.map((row) => row.time * 1000)
  const [first, last] = times.length === 0 ? [now(), now()] : [Math.min(...times), Math.max(...times)]
  return `${arrival.base}/v2/aggs/ticker/${encodeURIComponent(ticker)}/range/1/${timespan}/${first}/${last}`
}
