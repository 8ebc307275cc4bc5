const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** The timeframes of bars, with their length in milliseconds. */
export const TIMEFRAMES = {
  '1Min': MINUTE_MS,
  '5Min': 5 * MINUTE_MS,
  '15Min': 15 * MINUTE_MS,
  '30Min': 30 * MINUTE_MS,
  '1Hour': HOUR_MS,
  '4Hour': 4 * HOUR_MS,
  '1Day': 24 * HOUR_MS,
} as const

export type Timeframe = keyof typeof TIMEFRAMES

/** Other names that Alpaca takes for them. */
const SYNONYMS: Readonly<Record<string, Timeframe>> = {
  '1T': '1Min',
  '1Minute': '1Min',
  '5T': '5Min',
  '5Minute': '5Min',
  '15T': '15Min',
  '15Minute': '15Min',
  '30T': '30Min',
  '30Minute': '30Min',
  '60T': '1Hour',
  '60Min': '1Hour',
  '1H': '1Hour',
  '4H': '4Hour',
  '24H': '1Day',
  '24Hour': '1Day',
  '1D': '1Day',
}

/** The timeframe of a name or alias; other text unchanged. */
export function timeframeOf(text: string): string {
  return Object.hasOwn(SYNONYMS, text) ? (SYNONYMS[text] ?? text) : text
}

/** Where days, and the four-hour parts of them, begin. */
export const TIME_ZONES = ['UTC', 'America/New_York'] as const

export type TimeZone = (typeof TIME_ZONES)[number]

/** The longest that a bar of the timeframe lasts, in milliseconds: the clocks go back an hour once a year. */
export function longest(timeframe: Timeframe): number {
  return TIMEFRAMES[timeframe] + (TIMEFRAMES[timeframe] > HOUR_MS ? HOUR_MS : 0)
}

function IN_UTC(interval: string, time: string): string {
  return `date_bin(${interval}, ${time}, '2000-01-01T00:00:00Z'::timestamptz)`
}

// By the clock on the wall, where a day has 23 to 25 hours.
function IN_NEW_YORK(interval: string, time: string): string {
  return `date_bin(${interval}, ${time} AT TIME ZONE 'America/New_York', '2000-01-01'::timestamp) AT TIME ZONE 'America/New_York'`
}

/** SQL for the start of the bar that a time is in. Up to an hour both zones agree: they are whole hours apart. */
export function startOfBar(timeframe: Timeframe, zone: TimeZone): (interval: string, time: string) => string {
  return zone === 'UTC' || TIMEFRAMES[timeframe] <= HOUR_MS ? IN_UTC : IN_NEW_YORK
}

/** SQL for the end of a bar that begins at `start`: days of New York have 23 to 25 hours. */
export function endOfBar(timeframe: Timeframe, zone: TimeZone): (interval: string, start: string) => string {
  return zone === 'UTC' || TIMEFRAMES[timeframe] <= HOUR_MS
    ? (interval, start) => `${start} + ${interval}`
    : (interval, start) => `(${start} AT TIME ZONE '${zone}' + ${interval}) AT TIME ZONE '${zone}'`
}

const OFFSET = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', timeZoneName: 'longOffset' })

/** Unix milliseconds of the start of the day that a time is in: text as `timeIn` takes it, or Unix milliseconds. */
export function startOfDay(zone: TimeZone, time: number | string): number {
  const within = typeof time === 'number' ? time : timeIn(zone, time)
  const utcDay = new Date(within).toISOString().slice(0, 10)
  const start = timeIn(zone, utcDay)
  return start <= within ? start : timeIn(zone, new Date(Date.parse(utcDay) - 1).toISOString().slice(0, 10))
}

/**
 * Unix milliseconds of a time in ISO 8601, or of the start of a day (`2025-11-10`) in a time zone.
 *
 * @param text valid
 */
export function timeIn(zone: TimeZone, text: string): number {
  const time = Date.parse(text)
  if (zone === 'UTC' || text.length > '2025-11-10'.length) return time
  // At five in the morning UTC it is one or midnight in New York, where clocks change at two.
  const [, sign = '', hours = '', minutes = '0'] =
    /GMT([+-])(\d\d):(\d\d)/.exec(OFFSET.format(time + 5 * HOUR_MS)) ?? []
  return time - Number(`${sign}1`) * (Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS)
}
