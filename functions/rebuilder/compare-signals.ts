import { isDeepStrictEqual } from 'node:util'

import { toSignalRecords } from '../analytics/signal-records.ts'
import type { Analysis } from '../domain/analysis.ts'
import type { PatternsRecord, SignalRecord } from '../shared/streams/records.ts'
import type { Refolded } from './refold.ts'
import type { StoredMinute } from './stored-signals.ts'

/**
 * Values that agree to so many digits are the same: what came before the bars that were taken again shows in the last ones
 * only.
 */
const RELATIVE = 1e-9

/** What a minute is compared with, and how the records say it. */
export type Comparing = { readonly analysis: Analysis; readonly symbol: string; readonly now: number }

/** A minute as its bar gives it, and as it is stored. */
export type MinuteOf = {
  /** Unix seconds. */
  readonly start: number
  /** Undefined where the minute has no bar. */
  readonly made: Refolded | undefined
  readonly stored: StoredMinute | undefined
}

/** Whether the stored signals of a minute are those of its bar. */
export function isAsStored(minute: MinuteOf, comparing: Comparing): boolean {
  const { made, stored } = minute
  if (stored === undefined) return made === undefined
  const records = recordsOf(minute, { revision: 1 }, comparing)
  return (
    areSameValues(comparing.analysis, valuesOf(minute, comparing), stored.values) &&
    arePatterns(records, stored)
  )
}

/**
 * The records that make the stored signals of a minute those of its bar.
 *
 * @param before.revision of these records
 * @param before.found names of patterns of the revision before, beside those that are stored
 */
export function recordsOf(
  minute: MinuteOf,
  { revision, found: before = [] }: { readonly revision: number; readonly found?: readonly string[] },
  comparing: Comparing,
): SignalRecord[] {
  const { analysis, symbol, now } = comparing
  const patterns = minute.made?.patterns ?? []
  const names = new Set(patterns.map(({ pattern }) => pattern.name))
  const standing = new Set([...before, ...(minute.stored?.patterns ?? []).map((each) => each.pattern_type)])
  const signals = {
    start: minute.start,
    revision,
    closedAt: now,
    values: valuesOf(minute, comparing),
    patterns,
    withdrawn: [...standing].filter((name) => !names.has(name)),
  }
  return toSignalRecords(analysis, signals, { symbol, calculatedAt: now })
}

function valuesOf({ made }: MinuteOf, { analysis }: Comparing): Float64Array {
  return made?.values ?? new Float64Array(analysis.outputs.length).fill(Number.NaN)
}

/** Whether the values of each indicator are those, to nine digits of the largest of them. */
export function areSameValues(
  { indicators, outputs }: Analysis,
  values: Float64Array,
  stored: Readonly<Record<string, number>>,
): boolean {
  const known = new Set(outputs)
  if (Object.keys(stored).some((name) => !known.has(name))) return false
  return indicators.every(({ at, outputs: own }) => {
    const pairs = own.map(
      (name, index) => [values[at + index] ?? Number.NaN, stored[name] ?? Number.NaN] as const,
    )
    const largest = Math.max(
      ...pairs
        .flat()
        .filter((value) => !Number.isNaN(value))
        .map(Math.abs),
    )
    return pairs.every(
      ([one, other]) => Object.is(one, other) || one === other || Math.abs(one - other) <= RELATIVE * largest,
    )
  })
}

function arePatterns(records: readonly SignalRecord[], stored: StoredMinute): boolean {
  const found = records.flatMap((record): PatternsRecord['patterns'] =>
    record.type === 'patterns' ? record.patterns : [],
  )
  const byName = new Map(stored.patterns.map((each) => [each.pattern_type, each]))
  return (
    found.length === byName.size &&
    found.every((each) => isDeepStrictEqual(JSON.parse(JSON.stringify(each)), byName.get(each.pattern_type)))
  )
}
