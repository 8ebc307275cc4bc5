import type { SignalRecord } from '../shared/streams/records.ts'

/** What the analysis of a batch came to. */
export type AnalysisTotals = {
  /** Minutes that got values, and how many values and patterns they got. */
  minutes: number
  values: number
  patterns: number
  withdrawn: number
  /** Bars that were already applied. */
  duplicates: number
  /** Bars of finalized minutes, which are ignored. */
  finalized: number
  conflicts: number
  /** `AAPL hammer`; none when no pattern was found. */
  lastPattern: string | undefined
}

/** Before the first bar. */
export function noTotals(): AnalysisTotals {
  return {
    minutes: 0,
    values: 0,
    patterns: 0,
    withdrawn: 0,
    duplicates: 0,
    finalized: 0,
    conflicts: 0,
    lastPattern: undefined,
  }
}

/** Counts a record that is put on the stream `signals`. */
export function addRecord(totals: AnalysisTotals, record: SignalRecord): void {
  if (record.type === 'indicators') {
    totals.minutes++
    totals.values += Object.keys(record.values).length
    return
  }
  totals.patterns += record.patterns.length
  totals.withdrawn += record.withdrawn.length
  const last = record.patterns.at(-1)
  if (last !== undefined) totals.lastPattern = `${record.symbol} ${last.pattern_type}`
}
