import type { SeenBar } from './history.ts'

/** What a deployment has done that it promises not to do, in the words of the report. */
export const FINDINGS = {
  lost: 'trades lost',
  unreported: 'trades in no bar, not reported',
  doubled: 'trades doubled',
  differs: 'revisions that differ from their trades',
  complete: 'bars that say complete wrongly',
  reordered: 'revisions reordered on a connection',
  'went-back': 'answers older than one before',
  'asof-changed': 'answers as of a time that changed',
  disagrees: 'revisions with two contents',
  gap: 'gaps that a client was not told of',
  'revision-lost': 'revisions seen and not stored',
  unread: 'symbols not read at the end',
} as const

export type FindingKind = keyof typeof FINDINGS

/** One broken promise. */
export type Finding = {
  readonly kind: FindingKind
  /** What was seen, by whom and when. */
  readonly text: string
  /** Trades, revisions or answers that it is about. @default 1 */
  readonly count?: number
}

/** `AAPL 2025-11-10T17:24:00Z`. */
export function minuteKey({ symbol, timestamp }: Pick<SeenBar, 'symbol' | 'timestamp'>): string {
  return `${symbol} ${timestamp}`
}

/** `AAPL 2025-11-10T17:24:00Z r2`. */
export function revisionKey(bar: Pick<SeenBar, 'symbol' | 'timestamp' | 'revision'>): string {
  return `${minuteKey(bar)} r${bar.revision}`
}

/** A time of the history for a report: `17:24:03.512`. */
export function clockText(at: number): string {
  return new Date(at).toISOString().slice(11, 23)
}
