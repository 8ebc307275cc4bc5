import type { Bar, Update } from './updates.ts'

/** Minutes of a symbol that are remembered: more than lie between a bar and its last correction by a late trade. */
const MINUTES = 16
const MAX_SYMBOLS = 100_000

/**
 * Which bars were passed on, so that none is twice, and a correction is told from a bar that was never sent. What is older than
 * it remembers, a rebuild of history for one, is judged by its revision alone.
 */
export class SentBars {
  /** Revisions by minute, by symbol; the symbols in the order of their last bars. */
  readonly #symbols = new Map<string, Map<string, number>>()

  /**
   * What clients are to be told of a bar; undefined if they were told already.
   *
   * @param origin `missed`: it, or the revision before it, may not have been received
   */
  judge(bar: Bar, origin: 'live' | 'missed'): Update | undefined {
    const { symbol, timestamp, revision } = bar
    const revisions = this.#symbols.get(symbol) ?? new Map<string, number>()
    const sent = revisions.get(timestamp)
    if (sent !== undefined && sent >= revision) return undefined
    const isNew = sent === undefined && (revision <= 1 || origin === 'missed')
    revisions.set(timestamp, revision)
    if (revisions.size > MINUTES) revisions.delete(oldest(revisions))
    this.#symbols.delete(symbol)
    this.#symbols.set(symbol, revisions)
    if (this.#symbols.size > MAX_SYMBOLS) this.#symbols.delete(firstOf(this.#symbols))
    return { type: isNew ? 'bar' : 'corrected', symbol, bar }
  }
}

/** ISO texts of one form are in the order of their times. */
function oldest(revisions: ReadonlyMap<string, number>): string {
  return [...revisions.keys()].reduce((one, other) => (one < other ? one : other))
}

function firstOf(symbols: ReadonlyMap<string, unknown>): string {
  const [first = ''] = symbols.keys()
  return first
}
