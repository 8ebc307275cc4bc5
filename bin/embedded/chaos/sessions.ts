import type { SentBar } from './protocol.ts'

/** One connection of a WebSocket client. */
export type Session = {
  readonly symbols: ReadonlySet<string>
  /** Unix milliseconds at which it was told that it is subscribed. */
  readonly subscribedAt: number
  /** Keys of the revisions that came, each once. */
  readonly received: Set<string>
  /** False once its client knows that it has ended, and that there may be a gap. */
  isOpen: boolean
}

/** Names a revision of a bar. */
export function revisionKey({ symbol, timestamp, revision }: Omit<SentBar, 'arrivedAt'>): string {
  return `${symbol} ${timestamp} r${revision}`
}

/**
 * The revisions that a connection lacks though its client was not told of a gap: those that arrived on the stream `bars`
 * after it was subscribed and before the last that it was sent of the same symbol; up to the end if it is still open.
 *
 * @param bars the whole stream, in the order of arrival; what comes again counts when it came first
 */
export function untoldGaps(
  { symbols, subscribedAt, received, isOpen }: Session,
  bars: readonly SentBar[],
): string[] {
  const bySymbol = new Map<string, Map<string, number>>()
  for (const bar of bars) {
    if (!symbols.has(bar.symbol)) continue
    const arrivals = bySymbol.get(bar.symbol) ?? new Map<string, number>()
    bySymbol.set(bar.symbol, arrivals)
    const key = revisionKey(bar)
    if (!arrivals.has(key)) arrivals.set(key, bar.arrivedAt)
  }
  return [...bySymbol.values()].flatMap((arrivals) => {
    const keys = [...arrivals.keys()]
    const last = isOpen ? keys.length - 1 : keys.findLastIndex((key) => received.has(key))
    return keys
      .slice(0, last + 1)
      .filter((key) => !received.has(key) && (arrivals.get(key) ?? 0) > subscribedAt)
  })
}
