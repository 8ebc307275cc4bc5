import { SECONDS } from './table.ts'

/** How a file writes its times. */
export type TimeUnit = 's' | 'ms' | 'µs' | 'ns' | 'ISO 8601' | 'timestamp'

/** Decimals of a second that a whole unit is. */
const DECIMALS = { s: 0, ms: 3, µs: 6, ns: 9 } as const

/** Words for the units. */
export const UNIT_NAMES: Readonly<Record<TimeUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  µs: 'microseconds',
  ns: 'nanoseconds',
  'ISO 8601': 'ISO 8601',
  timestamp: 'timestamps',
}

const NUMBER = /^-?\d+(\.\d+)?$/
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i

/**
 * The unit of a time: from 1973 to 5138 seconds, milliseconds, microseconds and nanoseconds of Unix time do not overlap.
 * Undefined for what is no time.
 */
function unitOf(text: string): TimeUnit | undefined {
  if (text.endsWith(SECONDS)) return 'timestamp'
  if (!NUMBER.test(text)) return ISO.test(text) ? 'ISO 8601' : undefined
  const size = Math.abs(Number(text))
  if (size < 1e11) return 's'
  if (size < 1e14) return 'ms'
  return size < 1e17 ? 'µs' : 'ns'
}

/** The unit that most of some times have: one that is wrong must not decide for the others. */
export function commonUnit(texts: readonly string[]): TimeUnit | undefined {
  const counts = new Map<TimeUnit, number>()
  for (const text of texts) {
    const unit = unitOf(text)
    if (unit !== undefined) counts.set(unit, (counts.get(unit) ?? 0) + 1)
  }
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0]
}

/** Why a time cannot be read. */
export type TimeFault = { readonly fault: string }

/**
 * A function that gives times as Unix seconds in decimal, all digits kept. What is no time of that unit stays as it is,
 * for the aggregator to reject by its text.
 *
 * @param zone IANA name of the zone of ISO times that name none
 */
export function secondsReader(
  unit: TimeUnit,
  zone: string | undefined,
): (text: string) => string | TimeFault {
  if (unit === 'ISO 8601') return (text) => isoSeconds(text, zone)
  if (unit === 'timestamp') return (text) => (text.endsWith(SECONDS) ? text.slice(0, -SECONDS.length) : text)
  return unit === 's' ? (text) => text : (text) => shifted(text, DECIMALS[unit])
}

function shifted(text: string, decimals: number): string {
  if (!NUMBER.test(text)) return text
  const [whole = '', fraction = ''] = text.split('.')
  const sign = whole.startsWith('-') ? '-' : ''
  const digits = whole.slice(sign.length).padStart(decimals + 1, '0')
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}${fraction}`
}

function isoSeconds(text: string, zone: string | undefined): string | TimeFault {
  const found = ISO.exec(text)
  if (found === null) return text
  const [, year, month, day, hour, minute, second = '0', fraction, offset] = found
  const parts = [year, month, day, hour, minute, second].map(Number)
  const wall = wallMs(parts)
  if (wall === undefined) return { fault: `time ${JSON.stringify(text)} is no date` }
  if (offset === undefined && zone === undefined)
    return { fault: `time ${JSON.stringify(text)} names no zone; give it with --timezone, as --timezone UTC` }
  const ms = offset === undefined ? zonedMs(wall, zone ?? 'UTC') : wall - offsetMs(offset)
  return `${ms / 1000}${fraction === undefined ? '' : `.${fraction}`}`
}

function wallMs([year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0]: readonly number[]):
  | number
  | undefined {
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(ms)
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isDate && hour < 24 && minute < 60 && second < 60 ? ms : undefined
}

function offsetMs(offset: string): number {
  if (/^(Z|UTC)$/i.test(offset)) return 0
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3).replace(':', '') || 0)
  return (offset.startsWith('-') ? -1 : 1) * minutes * 60_000
}

/** Unix milliseconds of a time on the clocks of a zone; of one that they show twice, the first. */
export function zonedMs(wall: number, zone: string): number {
  const before = wall - zoneOffsetMs(wall - 86_400_000, zone)
  if (before + zoneOffsetMs(before, zone) === wall) return before
  return wall - zoneOffsetMs(wall + 86_400_000, zone)
}

const offsets = new Map<string, number>()

/** How far the clocks of a zone are ahead of UTC; zones change at whole quarters of an hour. */
function zoneOffsetMs(ms: number, zone: string): number {
  const quarter = Math.floor(ms / 900_000)
  const key = `${zone} ${quarter}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const at = quarter * 900_000
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value)
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  if (offsets.size > 10_000) offsets.clear()
  offsets.set(key, wall - at)
  return wall - at
}

/** True for a zone that the system knows. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name }).format()
    return true
  } catch {
    return false
  }
}
