import { isDeepStrictEqual } from 'node:util'

import { toSignalRecords } from '../analytics/signal-records.ts'
import { toPattern } from '../shared/analysis/pattern-record.ts'
import type { Analysis, FoundPattern } from '../domain/analysis.ts'
import type { SignalRecord } from '../shared/streams/records.ts'
import type { Refolded } from '../domain/refold.ts'
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
export function isAsStored({ made, stored }: MinuteOf, { analysis }: Comparing): boolean {
  if (stored === undefined) return made === undefined
  return (
    areSameValues(analysis, valuesOf(made, analysis), stored.values) &&
    arePatterns(made?.patterns ?? [], stored)
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
    values: valuesOf(minute.made, analysis),
    patterns,
    withdrawn: [...standing].filter((name) => !names.has(name)),
  }
  return toSignalRecords(analysis, signals, { symbol, calculatedAt: now })
}

function valuesOf(made: Refolded | undefined, { outputs }: Analysis): readonly number[] {
  return made?.values ?? outputs.map(() => Number.NaN)
}

/** Whether the values of each indicator are those, to nine digits of the largest of them. */
export function areSameValues(
  { indicators }: Analysis,
  values: ArrayLike<number>,
  stored: Readonly<Record<string, number>>,
): boolean {
  let known = 0
  for (const { at, outputs: own } of indicators) {
    let largest = 0
    for (const [index, name] of own.entries()) {
      const other = stored[name]
      if (other !== undefined) known++
      largest = Math.max(largest, sizeOf(values[at + index]), sizeOf(other))
    }
    for (const [index, name] of own.entries())
      if (!isNear(values[at + index] ?? Number.NaN, stored[name] ?? Number.NaN, RELATIVE * largest))
        return false
  }
  return known === Object.keys(stored).length
}

/** 0 where there is no value. */
function sizeOf(value = Number.NaN): number {
  return Number.isNaN(value) ? 0 : Math.abs(value)
}

/** Whether neither of two values is there, or they differ by no more than so much. */
function isNear(made: number, stored: number, most: number): boolean {
  return made === stored || Math.abs(made - stored) <= most || (Number.isNaN(made) && Number.isNaN(stored))
}

function arePatterns(found: readonly FoundPattern[], { patterns }: StoredMinute): boolean {
  if (found.length !== patterns.length) return false
  if (found.length === 0) return true
  const byName = new Map(patterns.map((each) => [each.pattern_type, each]))
  return found.map(toPattern).every(
    // As JSON has it, for what a record lacks and what is undefined are one there.
    (each) => isDeepStrictEqual(JSON.parse(JSON.stringify(each)), byName.get(each.pattern_type)),
  )
}
