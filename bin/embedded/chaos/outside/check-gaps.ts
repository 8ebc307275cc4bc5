import { clockText, type Finding, minuteKey, revisionKey } from './findings.ts'
import type { Connection, SeenBar } from './history.ts'
import type { Market } from './market.ts'
import type { Sight } from './sights.ts'

/** A revision that somebody has seen, the first time. */
type Known = { readonly bar: SeenBar; readonly seenAt: number; readonly madeAfter: number }

/**
 * The revisions that a connection lacks though its client was not told of a gap. What was made after it was subscribed is to
 * come on it, up to the end if it is still open; else before anything of the symbol that was made later.
 */
export function checkGaps(
  connections: readonly Connection[],
  { sights, market }: { readonly sights: readonly Sight[]; readonly market: Market },
): Finding[] {
  const known = knownBySymbol(sights, market)
  return connections.flatMap((connection) =>
    [...connection.symbols].flatMap((symbol) => gapsOf(connection, known.get(symbol) ?? [])),
  )
}

function knownBySymbol(sights: readonly Sight[], market: Market): Map<string, Known[]> {
  const first = new Map<string, Known>()
  for (const { bar, at } of sights) {
    const key = revisionKey(bar)
    if (!first.has(key)) first.set(key, { bar, seenAt: at, madeAfter: market.madeAfter(bar) })
  }
  return Map.groupBy(first.values(), ({ bar }) => bar.symbol)
}

function gapsOf(connection: Connection, known: readonly Known[]): Finding[] {
  const { id, client, subscribedAt, received, endedAt } = connection
  const own = new Set(received.map(({ bar }) => revisionKey(bar)))
  const had = known.filter(({ bar }) => own.has(revisionKey(bar)))
  const lastMade = Math.max(-Infinity, ...had.map(({ madeAfter }) => madeAfter))
  const highest = new Map<string, number>()
  for (const { bar } of had)
    highest.set(minuteKey(bar), Math.max(bar.revision, highest.get(minuteKey(bar)) ?? -1))
  return known.flatMap(({ bar, seenAt, madeAfter }): Finding[] => {
    if (own.has(revisionKey(bar)) || madeAfter <= subscribedAt) return []
    const isPassed = (highest.get(minuteKey(bar)) ?? -1) > bar.revision || lastMade > seenAt
    if (endedAt !== undefined && !isPassed) return []
    const until = endedAt === undefined ? 'is open' : `ended at ${clockText(endedAt)}`
    const where = `connection ${id} of client ${client}, subscribed at ${clockText(subscribedAt)}, ${until}`
    return [{ kind: 'gap', text: `${revisionKey(bar)}: not sent on ${where}` }]
  })
}
