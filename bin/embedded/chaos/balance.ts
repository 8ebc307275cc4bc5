import { barKey, differences, type StoredBar } from '../../stage/verify/bar-differences.ts'
import { plainFold } from '../../stage/verify/plain-fold.ts'
import type { BarsByKey } from '../../stage/verify/stored-bars.ts'
import type { Acknowledged } from './producer.ts'
import type { SentBar } from './protocol.ts'
import { revisionKey, type Session, untoldGaps } from './sessions.ts'

/** All that is known at the end of a run. */
export type Evidence = {
  readonly acknowledged: Acknowledged
  readonly stored: BarsByKey<StoredBar>
  /** Keys of the revisions in the database, the replaced ones among them. */
  readonly storedRevisions: ReadonlySet<string>
  /** The stream `bars`, in the order of arrival. */
  readonly sent: readonly SentBar[]
  /** By WebSocket client its connections. */
  readonly sessions: readonly (readonly Session[])[]
  readonly deadLetters: readonly string[]
}

/** What is right and wrong after a run. */
export type Balance = {
  readonly acknowledged: number
  readonly inBars: number
  readonly lost: number
  readonly doubled: number
  readonly bars: number
  readonly wrongBars: number
  readonly revisions: number
  readonly revisionsMissing: number
  readonly clients: number
  readonly connections: number
  readonly clientsNotTold: number
  readonly deadLetters: number
  /** What is wrong, a line each. */
  readonly faults: readonly string[]
}

/** Compares what came of the trades with what is to come of them by definition. */
export function strike(evidence: Evidence): Balance {
  const { acknowledged, stored, storedRevisions, sent, sessions, deadLetters } = evidence
  const bars = compareBars(acknowledged, stored)
  const received = sessions.flatMap((own) => own.flatMap((session) => [...session.received]))
  const revisions = new Set([...sent.map(revisionKey), ...received])
  const missing = [...revisions].filter((key) => !storedRevisions.has(key))
  const gaps = sessions.map((own) => own.flatMap((session) => untoldGaps(session, sent)))
  return {
    ...bars,
    revisions: revisions.size,
    revisionsMissing: missing.length,
    clients: sessions.length,
    connections: total(sessions.map(({ length }) => length)),
    clientsNotTold: gaps.filter((keys) => keys.length > 0).length,
    deadLetters: deadLetters.length,
    faults: [
      ...bars.faults,
      ...missing.map((key) => `${key}: sent, and not in the database`),
      ...gaps.flatMap((keys, client) => keys.map((key) => `${key}: not sent to client ${client + 1}`)),
      ...deadLetters.map((key) => `${key}: a dead letter`),
    ],
  }
}

function compareBars(acknowledged: Acknowledged, stored: BarsByKey<StoredBar>) {
  const expected = new Map(
    [...acknowledged].flatMap(([symbol, trades]) =>
      [...plainFold(trades)].map(([start, bar]) => [barKey(symbol, start), bar] as const),
    ),
  )
  let [inBars, lost, doubled, wrongBars] = [0, 0, 0, 0]
  const faults: string[] = []
  for (const key of new Set([...expected.keys(), ...stored.keys()])) {
    const [wanted, found] = [expected.get(key), stored.get(key)]
    const excess = (found?.tradeCount ?? 0) - (wanted?.tradeCount ?? 0)
    inBars += found?.tradeCount ?? 0
    lost += Math.max(0, -excess)
    doubled += Math.max(0, excess)
    const difference = differences(wanted, found)
    if (difference === undefined) continue
    wrongBars++
    faults.push(`${key}: ${difference}`)
  }
  const trades = [...acknowledged.values()]
  return {
    acknowledged: total(trades.map(({ length }) => length)),
    inBars,
    lost,
    doubled,
    bars: stored.size,
    wrongBars,
    faults,
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
