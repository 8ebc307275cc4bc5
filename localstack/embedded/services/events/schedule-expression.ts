import { TemplateError } from '../../errors.ts'

/** Whether a schedule is due in the minute that starts at `minute` (Unix milliseconds, a multiple of 60 000). */
export type Schedule = (minute: number) => boolean

const minuteMs = 60_000

/**
 * Reads `rate(5 minutes)` and `cron(0/15 8-18 ? * MON-FRI *)` as EventBridge does, in UTC. A rate is due in the
 * minutes that are a multiple of it since 1970. Throws a TemplateError for what it cannot read; `L`, `W` and `#`
 * are not supported.
 */
export function parseSchedule(expression: string): Schedule {
  const rate = /^rate\((?<count>[1-9]\d*) (?<unit>minute|hour|day)s?\)$/.exec(expression)?.groups
  if (rate !== undefined) {
    const every = Number(rate['count']) * (minutesPerUnit[rate['unit'] ?? ''] ?? 1)
    return (minute) => Math.floor(minute / minuteMs) % every === 0
  }
  const cron = /^cron\((?<fields>.+)\)$/.exec(expression)?.groups?.['fields']?.split(/\s+/)
  if (cron?.length !== fields.length) {
    throw new TemplateError(
      `Cannot read the schedule ${expression}: expected rate(...) or cron() with 6 fields.`,
    )
  }
  const tests = fields.map((field, index) => ({
    field,
    allows: parseField(field, cron[index] ?? '', expression),
  }))
  return (minute) => {
    const date = new Date(minute)
    return tests.every(({ field, allows }) => allows(field.of(date)))
  }
}

const minutesPerUnit: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1440 }

type Field = {
  readonly of: (date: Date) => number
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

const fields: readonly Field[] = [
  { of: (date) => date.getUTCMinutes(), min: 0, max: 59 },
  { of: (date) => date.getUTCHours(), min: 0, max: 23 },
  { of: (date) => date.getUTCDate(), min: 1, max: 31 },
  { of: (date) => date.getUTCMonth() + 1, min: 1, max: 12, names: months },
  { of: (date) => date.getUTCDay() + 1, min: 1, max: 7, names: days },
  { of: (date) => date.getUTCFullYear(), min: 1970, max: 2199 },
]

function parseField(field: Field, text: string, expression: string): (value: number) => boolean {
  const number = (word: string): number => {
    const named = field.names?.indexOf(word.toUpperCase()) ?? -1
    const value = named >= 0 ? named + field.min : Number(word)
    if (word !== '' && Number.isInteger(value) && value >= field.min && value <= field.max) return value
    throw new TemplateError(`Cannot read ${text} in the schedule ${expression}.`)
  }
  const ranges = text.split(',').map((item) => {
    const [range = '', step] = item.split('/')
    const every = step === undefined ? 1 : Math.max(1, Number(step))
    if (Number.isNaN(every)) throw new TemplateError(`Cannot read ${text} in the schedule ${expression}.`)
    if (range === '*' || range === '?') return { from: field.min, to: field.max, every }
    const [from = '', to] = range.split('-')
    const start = number(from)
    return {
      from: start,
      to: to === undefined ? (step === undefined ? start : field.max) : number(to),
      every,
    }
  })
  return (value) =>
    ranges.some(({ from, to, every }) => {
      const inside = from <= to ? value >= from && value <= to : value >= from || value <= to
      return inside && (value - from) % every === 0
    })
}
