import type { Zone } from '../market/timeframes.ts'

type Style = 'time' | 'seconds' | 'date' | 'dateTime' | 'full'

const TIME = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
const DATE = { year: 'numeric', month: 'short', day: 'numeric' } as const

const STYLES: Readonly<Record<Style, Intl.DateTimeFormatOptions>> = {
  time: TIME,
  seconds: { ...TIME, second: '2-digit' },
  date: DATE,
  dateTime: { month: 'short', day: 'numeric', ...TIME },
  full: { weekday: 'short', ...DATE, ...TIME, second: '2-digit' },
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Unix seconds on the clock of a zone: `14:05`, `14:05:23`, `Nov 10, 2025`, `Nov 10, 14:05`, or all of it. */
export function timeText(seconds: number, zone: Zone, style: Style = 'time'): string {
  const key = `${zone} ${style}`
  const format = formats.get(key) ?? new Intl.DateTimeFormat('en-US', { ...STYLES[style], timeZone: zone })
  formats.set(key, format)
  return format.format(seconds * 1000)
}

/** What a clock of the zone is called. */
export function zoneName(zone: Zone): string {
  return zone === 'UTC' ? 'UTC' : 'New York'
}
