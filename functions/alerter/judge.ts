import type { Crossing, Level } from '../domain/alerts/condition.ts'
import { holds, isWanted, type Reading, sideOf } from '../domain/alerts/evaluate.ts'
import type { Side } from '../domain/alerts/evaluate.ts'
import { type Decimal, parseDecimal } from '../domain/decimal.ts'
import { BAR_FIELDS } from '../domain/alerts/condition.ts'
import type { BarRecord, IndicatorsRecord, PatternsRecord, SignalRecord } from '../shared/streams/records.ts'
import type { ActiveRule } from './active-rules.ts'
import type { Cause } from './firing.ts'

export type Judged = BarRecord | SignalRecord

/** Why a rule fires for a record, by the record alone; undefined where it does not. Crossings need the minute before too. */
export function causeIn({ condition }: ActiveRule, record: Judged): Cause | undefined {
  switch (condition.type) {
    case 'level': {
      const reading = readingOf(record)
      const side = reading && sideOf(condition, reading)
      if (side === undefined || !holds(condition.relation, side)) return undefined
      return causeOf(record, valuesIn(condition, record))
    }
    case 'pattern': {
      if (record.type !== 'patterns') return undefined
      const found = record.patterns.find(({ pattern_type: pattern, direction }) =>
        isWanted(condition, { pattern, direction }),
      )
      return found && causeOf(record, patternValues(found))
    }
    case 'crossing':
    case 'silent':
      return undefined
    default:
      return condition satisfies never
  }
}

/** On which side a record has the values of a crossing; null in a withdrawn bar, undefined where it is not about them. */
export function sideIn(condition: Crossing, record: Judged): Side | null | undefined {
  if (record.type === 'bar' && record.withdrawn) return condition.of === 'bar' ? null : undefined
  const reading = readingOf(record)
  return reading && sideOf(condition, reading)
}

export function causeOf({ symbol, timestamp, revision }: Judged, values: Cause['values']): Cause {
  return { symbol, minute: Date.parse(timestamp) / 1000, revision, values }
}

/** The values that a comparison is about, as the record has them. */
export function valuesIn({ left, right }: Level | Crossing, record: Judged): Cause['values'] {
  const all = new Map<string, unknown>(Object.entries(record.type === 'indicators' ? record.values : record))
  const names = right.type === 'name' ? [left, right.name] : [left]
  return Object.fromEntries(
    names.map((name) => {
      const value = all.get(name)
      return [name, typeof value === 'string' || typeof value === 'number' ? value : null]
    }),
  )
}

function patternValues({
  pattern_type: pattern,
  direction,
  strength,
  confidence,
}: PatternsRecord['patterns'][number]): Cause['values'] {
  return { pattern, direction, strength, confidence }
}

function readingOf(record: Judged): Reading | undefined {
  switch (record.type) {
    case 'bar':
      return record.withdrawn ? undefined : { type: 'bar', values: decimalsOf(record) }
    case 'indicators':
      return { type: 'indicators', values: numbersOf(record) }
    case 'patterns':
      return undefined
    default:
      return record satisfies never
  }
}

function numbersOf({ values }: IndicatorsRecord): ReadonlyMap<string, number> {
  return new Map(Object.entries(values))
}

function decimalsOf(bar: BarRecord): ReadonlyMap<string, Decimal> {
  const values = new Map<string, Decimal>()
  const all = new Map<string, unknown>(Object.entries(bar))
  for (const name of BAR_FIELDS) {
    // A volume may have more digits than a trade's.
    const decimal = parseDecimal(String(all.get(name)), { integerDigits: 30 })
    if (typeof decimal !== 'string') values.set(name, decimal)
  }
  return values
}
