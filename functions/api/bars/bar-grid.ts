import type { GridSegment } from '../../domain/calendar/grid.ts'
import type { Span } from '../page/read-plan.ts'
import { type BarCut, gridOf } from './timeframes.ts'

/** Adds a value to a statement; gives its place in the text. */
export type Given = (value: unknown, type: string) => string

/** How bars are cut, in SQL. */
export type BarGrid = {
  /** The start of the bar that a time of the span is in; null where it is in none. */
  readonly startOf: (time: string) => string
  /** The end of the bar that begins at a start. */
  readonly endOf: (start: string) => string
}

/** The bars that touch a span, for a statement: Postgres gets where they begin, and needs to know no time zone. */
export function barGrid(cut: BarCut, span: Span, given: Given): BarGrid {
  const { segments, step } = gridOf(cut, span)
  const places = new Map<keyof GridSegment, string>()
  // A statement refuses values that it does not use.
  const times = (name: keyof GridSegment): string => {
    const known = places.get(name)
    if (known !== undefined) return known
    const values = segments.map((segment) => iso(segment[name] * 1000))
    const place = given(values, 'timestamptz[]')
    places.set(name, place)
    return place
  }
  const interval = given(`${step} seconds`, 'interval')
  const of = (name: keyof GridSegment, time: string): string =>
    `(${times(name)})[width_bucket(${time}, ${times('from')})]`
  const binned = (time: string): string => `date_bin(${interval}, ${time}, ${of('start', time)})`
  return {
    // Without hours of a market every time is in a bar.
    startOf: (time) =>
      cut.session === undefined
        ? binned(time)
        : `CASE WHEN ${time} < ${of('until', time)} THEN ${binned(time)} END`,
    endOf: (start) => `least(${start} + ${interval}, ${of('end', start)})`,
  }
}

/** A time as Postgres reads it. */
export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
