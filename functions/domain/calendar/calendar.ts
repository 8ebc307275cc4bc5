import { createZone } from './time-zone.ts'

/** Unix seconds; `until` is not included. */
export type Segment = { readonly from: number; readonly until: number }

/** Minutes past midnight of a trading day; below 0 for the evening before, above 1440 for the morning after. */
export type Window = { readonly open: number; readonly close: number }

/** Which of a market's hours: those of its auctions and continuous trading, or with those before and after them. */
export type HoursKind = 'regular' | 'extended'

/** The hours of a trading day, in order; none where the market is closed. */
export type DayHours = Readonly<Record<HoursKind, readonly Window[]>>

/** When a market is open. */
export type CalendarRules = {
  /** IANA name. */
  readonly timeZone: string
  /** Monday to Sunday. */
  readonly week: readonly DayHours[]
  /** Days, counted since 1970-01-01, with other hours: holidays, early closes. */
  readonly days: ReadonlyMap<number, DayHours>
}

/** When a market is open. Times are Unix seconds. */
export type Calendar = {
  readonly timeZone: string
  /** When the market is open on a trading day (since 1970-01-01), which may begin in the evening before. */
  readonly windowsOf: (day: number, kind: HoursKind) => readonly Segment[]
  /** When the market is open in a span, in order; windows that meet are one. */
  readonly windowsIn: (span: Segment, kind: HoursKind) => readonly Segment[]
  /** Whether the market is open at a time. */
  readonly isOpen: (seconds: number, kind: HoursKind) => boolean
  /** The last trading day that had begun at a time; undefined where none had in a month. */
  readonly dayOf: (seconds: number, kind: HoursKind) => number | undefined
}

export const CLOSED: DayHours = { regular: [], extended: [] }

/** Windows of a day begin a day before it at the earliest, and end a day after it at the latest. */
const AROUND = [-1, 0, 1]
/** The longest that a market is closed: no exchange was for so long since 1914. */
const MAX_CLOSED_DAYS = 31
const MAX_CACHED = 200

/** @throws RangeError when there is no such time zone */
export function createCalendar({ timeZone, week, days }: CalendarRules): Calendar {
  const zone = createZone(timeZone)
  const cached: Readonly<Record<HoursKind, Map<number, readonly Segment[]>>> = {
    regular: new Map(),
    extended: new Map(),
  }
  const hoursOf = (day: number): DayHours => days.get(day) ?? week[(((day + 3) % 7) + 7) % 7] ?? CLOSED
  const windowsOf = (day: number, kind: HoursKind): readonly Segment[] => {
    const known = cached[kind].get(day)
    if (known !== undefined) return known
    const found = hoursOf(day)[kind].map(({ open, close }) => ({
      from: zone.startOf(day, open),
      until: zone.startOf(day, close),
    }))
    if (cached[kind].size >= MAX_CACHED) cached[kind].clear()
    cached[kind].set(day, found)
    return found
  }
  return {
    timeZone,
    windowsOf,
    windowsIn: (span, kind) => {
      const found: { readonly from: number; until: number }[] = []
      const last = zone.dayOf(span.until, 0) + 1
      for (let day = zone.dayOf(span.from, 0) - 1; day <= last; day++)
        for (const window of windowsOf(day, kind)) {
          const [from, until] = [Math.max(window.from, span.from), Math.min(window.until, span.until)]
          const before = found.at(-1)
          if (until <= from) continue
          if (before !== undefined && from <= before.until) before.until = Math.max(before.until, until)
          else found.push({ from, until })
        }
      return found
    },
    isOpen: (seconds, kind) => {
      const day = zone.dayOf(seconds, 0)
      return AROUND.some((by) =>
        windowsOf(day + by, kind).some(({ from, until }) => from <= seconds && seconds < until),
      )
    },
    dayOf: (seconds, kind) => {
      const last = zone.dayOf(seconds, 0) + 1
      for (let day = last; day > last - MAX_CLOSED_DAYS; day--) {
        const [first] = windowsOf(day, kind)
        if (first !== undefined && first.from <= seconds) return day
      }
      return undefined
    },
  }
}
