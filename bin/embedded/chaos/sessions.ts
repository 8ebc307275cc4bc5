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
 * @param bars the whole stream, in the order of arrival
 */
export function untoldGaps(session: Session, bars: readonly SentBar[]): string[] {
  const bySymbol = Map.groupBy(
    bars.filter(({ symbol }) => session.symbols.has(symbol)),
    ({ symbol }) => symbol,
  )
  return [...bySymbol.values()].flatMap((ofSymbol) => {
    const keys = ofSymbol.map(revisionKey)
    const last = session.isOpen ? keys.length - 1 : keys.findLastIndex((key) => session.received.has(key))
    const due = keys.filter((_, index) => {
      const { arrivedAt = 0 } = ofSymbol[index] ?? {}
      return index <= last && arrivedAt > session.subscribedAt
    })
    return [...new Set(due)].filter((key) => !session.received.has(key))
  })
}
