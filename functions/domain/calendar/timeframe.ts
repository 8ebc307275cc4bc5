/** What a timeframe counts. */
export type Unit = 'minute' | 'hour' | 'day' | 'week' | 'month'

/** How long bars are. */
export type Timeframe = {
  /** As `15Min`; the same for all spellings. */
  readonly name: string
  readonly unit: Unit
  readonly count: number
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

const UNITS: Readonly<Record<string, Unit>> = {
  Min: 'minute',
  Minute: 'minute',
  T: 'minute',
  Hour: 'hour',
  H: 'hour',
  Day: 'day',
  D: 'day',
  Week: 'week',
  W: 'week',
  Month: 'month',
  M: 'month',
}
const NAMES: Readonly<Record<Unit, string>> = {
  minute: 'Min',
  hour: 'Hour',
  day: 'Day',
  week: 'Week',
  month: 'Month',
}
/** How many of a unit a bar may have; of months those of which a year is a whole number. */
const COUNTS: Readonly<Record<Unit, ReadonlySet<number>>> = {
  minute: upTo(59),
  hour: upTo(23),
  day: new Set([1]),
  week: new Set([1]),
  month: new Set([1, 2, 3, 4, 6, 12]),
}

function upTo(last: number): ReadonlySet<number> {
  return new Set(Array.from({ length: last }, (_, index) => index + 1))
}

export const ONE_MINUTE: Timeframe = { name: '1Min', unit: 'minute', count: 1 }
export const ONE_DAY: Timeframe = { name: '1Day', unit: 'day', count: 1 }
export const ONE_MONTH: Timeframe = { name: '1Month', unit: 'month', count: 1 }

/** Reads a timeframe as Alpaca spells it: `15Min`, `15T`, `1H`, `1Day`, `1Week`, `3M`; undefined when there is none such. */
export function parseTimeframe(text: string): Timeframe | undefined {
  const [, digits = '', name = ''] = /^([1-9]\d?)([A-Za-z]+)$/.exec(text) ?? []
  const unit = Object.hasOwn(UNITS, name) ? UNITS[name] : undefined
  return unit && timeframeOf(Number(digits), unit)
}

/** So many of a unit; 60 minutes are an hour and 24 hours a day. Undefined for a number that it does not have. */
export function timeframeOf(count: number, unit: Unit): Timeframe | undefined {
  if (unit === 'minute' && count === 60) return timeframeOf(1, 'hour')
  if (unit === 'hour' && count === 24) return ONE_DAY
  return COUNTS[unit].has(count) ? { name: `${count}${NAMES[unit]}`, unit, count } : undefined
}

/** By how much clocks are put back in a day, at the most: two hours at the Antarctic station Troll. */
const PUT_BACK = 2 * HOUR

const LONGEST: Readonly<Record<Unit, (count: number) => number>> = {
  minute: (count) => count * MINUTE,
  hour: (count) => (count === 1 ? HOUR : count * HOUR + PUT_BACK),
  day: () => DAY + PUT_BACK,
  week: () => 7 * DAY + PUT_BACK,
  month: (count) => Math.min(31 * count, 366) * DAY + PUT_BACK,
}

/** The longest that a bar lasts, in seconds. */
export function longestOf({ unit, count }: Timeframe): number {
  return LONGEST[unit](count)
}
