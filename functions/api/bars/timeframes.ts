import type { Calendar, HoursKind } from '../../domain/calendar/calendar.ts'
import { type Grid, gridOf as gridIn, sessionGridOf } from '../../domain/calendar/grid.ts'
import { createZone, type Zone } from '../../domain/calendar/time-zone.ts'
import { longestOf, type Timeframe } from '../../domain/calendar/timeframe.ts'
import type { Span } from '../page/read-plan.ts'

/** IANA name of a time zone that is there. */
export type TimeZone = string

/** Zones by name: their clocks take longer to make than to read. */
const ZONES = new Map<TimeZone, Zone>()
const MAX_ZONES = 100

/** @throws RangeError when there is no such time zone */
function zoneOf(name: TimeZone): Zone {
  const known = ZONES.get(name)
  if (known !== undefined) return known
  const zone = createZone(name)
  if (ZONES.size >= MAX_ZONES) ZONES.clear()
  ZONES.set(name, zone)
  return zone
}

/** Whether there is such a time zone; an offset such as +01:00 is none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/.test(name)) return false
  try {
    zoneOf(name)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** The longest that a bar of the timeframe lasts, in milliseconds. */
export function longest(timeframe: Timeframe): number {
  return longestOf(timeframe) * 1000
}

/** Which hours of a market bars are made of. */
export type Session = { readonly kind: HoursKind; readonly calendar: Calendar }

/** How bars are cut. */
export type BarCut = {
  readonly timeframe: Timeframe
  readonly zone: TimeZone
  /** Undefined for all hours. */
  readonly session?: Session | undefined
}

/** The bars that touch a span of Unix milliseconds. */
export function gridOf({ timeframe, zone, session }: BarCut, { from, to }: Span): Grid {
  const span = { from: from / 1000, until: to / 1000 }
  if (session === undefined) return gridIn(timeframe, zoneOf(zone), span)
  return sessionGridOf(timeframe, session.calendar, { ...span, kind: session.kind })
}

/** Unix milliseconds of the start of the day that a time is in: text as `timeIn` takes it, or Unix milliseconds. */
export function startOfDay(zone: TimeZone, time: number | string): number {
  const clock = zoneOf(zone)
  const within = typeof time === 'number' ? time : timeIn(zone, time)
  return clock.startOf(clock.dayOf(within / 1000, 0), 0) * 1000
}

/**
 * Unix milliseconds of a time in ISO 8601, or of the start of a day (`2025-11-10`) in a time zone.
 *
 * @param text valid
 */
export function timeIn(zone: TimeZone, text: string): number {
  const time = Date.parse(text)
  return text.length > '2025-11-10'.length ? time : zoneOf(zone).startOf(time / 86_400_000, 0) * 1000
}
