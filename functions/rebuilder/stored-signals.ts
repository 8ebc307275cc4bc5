import * as z from 'zod'

import type { Queryable } from '../shared/postgres/database.ts'
import type { Span } from './stored-bars.ts'

/** A pattern as the database has it. */
type StoredPattern = z.infer<typeof patternSchema>

/** The signals of a minute as the database has them. */
export type StoredMinute = {
  /** The highest of its rows. */
  readonly revision: number
  readonly values: Readonly<Record<string, number>>
  /** Those that are not withdrawn. */
  readonly patterns: readonly StoredPattern[]
}

/** Reads the signals of a symbol, by the start of their minute (Unix seconds). */
export type StoredSignals = (symbol: string, span: Span) => Promise<ReadonlyMap<number, StoredMinute>>

const WITHIN = `symbol = $1 AND timestamp >= to_timestamp($2) AND timestamp < to_timestamp($3) AND timeframe = '1Min'`
const VALUES = `
  SELECT extract(epoch FROM timestamp)::float8 AS start, revision, indicators AS values FROM indicator_values
  WHERE ${WITHIN}`
const PATTERNS = `
  SELECT extract(epoch FROM timestamp)::float8 AS start, revision, withdrawn, pattern_type, direction, strength,
    confidence::float8 AS confidence, pattern_data
  FROM intraday_patterns WHERE ${WITHIN} ORDER BY pattern_type`

const valuesSchema = z.array(
  z.object({
    start: z.number(),
    revision: z.number(),
    // By hand: a year of a symbol has ten million of them.
    values: z.custom<Readonly<Record<string, number | null>>>(areNumbers, 'expected numbers by name'),
  }),
)
const patternSchema = z.object({
  pattern_type: z.string(),
  direction: z.string().nullable(),
  strength: z.number().nullable(),
  confidence: z.number(),
  pattern_data: z.record(z.string(), z.unknown()),
})
const patternsSchema = z.array(
  patternSchema.extend({ start: z.number(), revision: z.number(), withdrawn: z.boolean() }),
)

/** The signals of a database, whose session may only read. */
export function createStoredSignals(database: Queryable): StoredSignals {
  return async (symbol, { from, to }) => {
    const [values, patterns] = [
      valuesSchema.parse((await database.query(VALUES, [symbol, from, to])).rows),
      patternsSchema.parse((await database.query(PATTERNS, [symbol, from, to])).rows),
    ]
    const minutes = new Map<
      number,
      { revision: number; values: Readonly<Record<string, number>>; patterns: StoredPattern[] }
    >()
    for (const { start, revision, values: own } of values)
      minutes.set(start, { revision, values: withoutNulls(own), patterns: [] })
    for (const { start, revision, withdrawn, ...pattern } of patterns) {
      const minute = minutes.get(start) ?? { revision, values: {}, patterns: [] }
      minutes.set(start, minute)
      minute.revision = Math.max(minute.revision, revision)
      if (!withdrawn) minute.patterns.push(pattern)
    }
    return minutes
  }
}

function areNumbers(given: unknown): boolean {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  for (const value of Object.values(given)) if (typeof value !== 'number' && value !== null) return false
  return true
}

/** JSON has null for what is no finite number. */
function withoutNulls(values: Readonly<Record<string, number | null>>): Readonly<Record<string, number>> {
  return hasNumbersOnly(values)
    ? values
    : Object.fromEntries(
        Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
      )
}

function hasNumbersOnly(
  values: Readonly<Record<string, number | null>>,
): values is Readonly<Record<string, number>> {
  return !Object.values(values).includes(null)
}
