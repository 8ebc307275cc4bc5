import { firstDayOf, monthOf, weekdayOf } from './dates.ts'
import type { Zone } from './time-zone.ts'
import { longestOf, type Timeframe } from './timeframe.ts'

/** Unix seconds; `until` is not included. */
export type Segment = { readonly from: number; readonly until: number }

/** Where the bars of a timeframe begin and end. */
export type Grid = {
  /** In order, and without a gap. A bar begins with each, and every `step` within it; none goes on in the next. */
  readonly segments: readonly Segment[]
  /** Seconds. */
  readonly step: number
}

/** Longer than any bar. */
const NEVER = 400 * 86_400

/**
 * The bars of a timeframe that touch a span. Days begin when the clock of the zone first shows their midnight, weeks on
 * Monday, months on the first, several months in January. Minutes and single hours are counted from midnight, so that the
 * last of a day may be shorter; several hours are those of the clock: one that is put back makes such a bar longer.
 */
export function gridOf(timeframe: Timeframe, zone: Zone, span: Segment): Grid {
  const { unit, count } = timeframe
  const step = unit === 'minute' || (unit === 'hour' && count === 1) ? longestOf(timeframe) : NEVER
  const segments: Segment[] = []
  const starts = startsOf(timeframe, zone, span.from)
  let { value: from } = starts.next()
  while (from < span.until) {
    const { value: until } = starts.next()
    // Where a clock is put forward over a start, it is that of the next bar.
    if (until > from && until > span.from) segments.push({ from, until })
    from = until
  }
  return { segments, step }
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
