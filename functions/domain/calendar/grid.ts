import type { Calendar, HoursKind, Segment } from './calendar.ts'
import { firstDayOf, monthOf, weekdayOf } from './dates.ts'
import type { Zone } from './time-zone.ts'
import { longestOf, type Timeframe } from './timeframe.ts'

/** A part of time, and the bar that it begins or goes on. */
export type GridSegment = Segment & {
  /** Where its first bar begins, and its last one ends. */
  readonly start: number
  readonly end: number
}

/** Where the bars of a timeframe begin and end. */
export type Grid = {
  /** In order. A bar begins with the `start` of each, and every `step` after it; several with one `start` are one bar. */
  readonly segments: readonly GridSegment[]
  /** Seconds. */
  readonly step: number
}

/** Longer than any bar. */
const NEVER = 400 * 86_400
const DAY = 86_400

/** Seconds after which a bar begins within a segment: only those of minutes, and of hours that do not follow the clock. */
function stepOf(timeframe: Timeframe, hours: 'of the clock' | 'elapsed'): number {
  const { unit, count } = timeframe
  if (unit === 'minute') return longestOf(timeframe)
  return unit === 'hour' && (count === 1 || hours === 'elapsed') ? count * 3600 : NEVER
}

/**
 * The bars of a timeframe that touch a span. Days begin when the clock of the zone first shows their midnight, weeks on
 * Monday, months on the first, several months in January. Minutes and single hours are counted from midnight, so that the
 * last of a day may be shorter; several hours are those of the clock: one that is put back makes such a bar longer.
 */
export function gridOf(timeframe: Timeframe, zone: Zone, span: Segment): Grid {
  const segments: GridSegment[] = []
  const starts = startsOf(timeframe, zone, span.from)
  let { value: from } = starts.next()
  while (from < span.until) {
    const { value: until } = starts.next()
    // Where a clock is put forward over a start, it is that of the next bar.
    if (until > from && until > span.from) segments.push({ start: from, from, until, end: until })
    from = until
  }
  return { segments, step: stepOf(timeframe, 'of the clock') }
}

/**
 * The same of a market's hours: bars of minutes and hours are counted from each of its openings, days begin with the first
 * opening of a trading day, and weeks and months with that of their first one. What is outside the hours is in no bar.
 */
export function sessionGridOf(
  timeframe: Timeframe,
  { windowsOf }: Pick<Calendar, 'windowsOf'>,
  { kind, ...span }: Segment & { readonly kind: HoursKind },
): Grid {
  const segments: GridSegment[] = []
  const last = Math.floor(span.until / DAY) + 2
  for (let day = firstDayIn(timeframe, Math.floor(span.from / DAY) - 2); day <= last;) {
    const next = firstDayIn(timeframe, day, 1)
    const windows: Segment[] = []
    for (; day < next; day++) windows.push(...windowsOf(day, kind))
    const isCounted = timeframe.unit === 'minute' || timeframe.unit === 'hour'
    const [start, end] = [windows[0]?.from ?? 0, windows.at(-1)?.until ?? 0]
    for (const { from, until } of windows)
      if (until > span.from && from < span.until)
        segments.push(isCounted ? { start: from, from, until, end: until } : { start, from, until, end })
  }
  return { segments, step: stepOf(timeframe, 'elapsed') }
}

/** The first trading day of the bar that a day is in, or of a later one. */
function firstDayIn({ unit, count }: Timeframe, day: number, later = 0): number {
  switch (unit) {
    case 'week':
      return day - weekdayOf(day) + 7 * later
    case 'month':
      return firstDayOf((Math.floor(monthOf(day) / count) + later) * count)
    case 'minute':
    case 'hour':
    case 'day':
      break
  }
  return day + later
}

/** The bars of a grid whose bars are not counted by steps. */
export function barsOf({ segments }: Grid): readonly Segment[] {
  return [...new Map(segments.map(({ start, end }) => [start, { from: start, until: end }])).values()]
}

/** Where segments begin: the one that contains a time, and all that follow. */
function* startsOf({ unit, count }: Timeframe, zone: Zone, time: number): Generator<number, never> {
  const first = zone.dayOf(time, 0)
  switch (unit) {
    case 'week':
      for (let day = first - weekdayOf(first); ; day += 7) yield zone.startOf(day, 0)
    case 'month':
      for (let month = Math.floor(monthOf(first) / count) * count; ; month += count)
        yield zone.startOf(firstDayOf(month), 0)
    case 'minute':
    case 'hour':
    case 'day': {
      const hours = unit === 'hour' && count > 1 ? count : 24
      for (let day = first; ; day++)
        for (let hour = 0; hour < 24; hour += hours) yield zone.startOf(day, hour * 60)
    }
  }
}
