import type { Timeframe } from '../../domain/calendar/timeframe.ts'
import type { Span } from '../page/read-plan.ts'
import { gridOf, type TimeZone } from './timeframes.ts'

/** Adds a value to a statement; gives its place in the text. */
export type Given = (value: unknown, type: string) => string

/** How bars are cut, in SQL. */
export type BarGrid = {
  /** The start of the bar that a time of the span is in. */
  readonly startOf: (time: string) => string
  /** The end of the bar that begins at a start. */
  readonly endOf: (start: string) => string
}

/** The bars that touch a span, for a statement: Postgres gets where they begin, and needs to know no time zone. */
export function barGrid(
  { timeframe, zone }: { readonly timeframe: Timeframe; readonly zone: TimeZone },
  span: Span,
  given: Given,
): BarGrid {
  const { segments, step } = gridOf(timeframe, zone, span)
  const times = (seconds: readonly number[]): string => given(seconds.map(isoSeconds), 'timestamptz[]')
  const froms = times(segments.map(({ from }) => from))
  const untils = times(segments.map(({ until }) => until))
  const interval = given(`${step} seconds`, 'interval')
  const place = (time: string): string => `width_bucket(${time}, ${froms})`
  return {
    startOf: (time) => `date_bin(${interval}, ${time}, (${froms})[${place(time)}])`,
    endOf: (start) => `least(${start} + ${interval}, (${untils})[${place(start)}])`,
  }
}

/** A time as Postgres reads it. */
export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

function isoSeconds(seconds: number): string {
  return iso(seconds * 1000)
}
