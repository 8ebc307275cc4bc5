import { MINUTE_SECONDS } from '../domain/bar-builder.ts'
import type { Rules } from '../domain/event.ts'
import { addTotals, noTotals, type Totals } from '../minute-state/advance.ts'
import type { Swept } from './sweep.ts'

const MINUTE_MS = MINUTE_SECONDS * 1000

/** For clock skew between machines, and the transport of a trade. */
const MARGIN_MS = 500

/** The longest grace that the config allows; where it is longer, bars are not closed by the clock. */
const MAX_WAIT_MS = 30_000

/** A call that comes later waits for the end of the next minute: the one after it may come some seconds later still. */
const ON_TIME_MS = 500

/** So long after its end bars of a minute are closed as they come due, where the aggregator is behind: it starts cold, or has much to do. */
const BEHIND_MS = 30_000

/** Between two looks at symbols whose bars come due one after the other. */
const SPACING_MS = 250

export type MinuteSweeps = {
  readonly rules: Rules
  /** How long after its arrival a trade may be applied, in milliseconds. */
  readonly deliveryMs: number
  /** Unix milliseconds. */
  readonly now: () => number
  /** Resolves at a time, Unix milliseconds. */
  readonly until: (time: number) => Promise<void>
  /** Closes the bars that are due: of these symbols, of all when there are none. */
  readonly sweep: (symbols?: readonly string[]) => Promise<Swept>
}

/** When, after a minute's end, it is swept first and last, in milliseconds. */
export function sweepsAfter({ rules, deliveryMs }: Pick<MinuteSweeps, 'rules' | 'deliveryMs'>): {
  readonly first: number
  readonly last: number
} {
  const first = Math.min(rules.graceMs, MAX_WAIT_MS) + MARGIN_MS
  return { first, last: first + deliveryMs }
}

/**
 * What the schedule calls once a minute, at whatever second of it: EventBridge promises none, and may be some seconds later
 * than the minute before. So a call that does not come as a minute ends waits for the end of the next: no bar waits for the
 * second at which the schedule fires.
 *
 *     12:00:00      :02.5         :04.5                                       12:01:00      :02.5
 *     ──┼─────────────┼─────────────┼────────────────────x────────────────────────┼────────────┼───▶
 *       minute ends   first sweep   last: trades that    a call: sweeps unless    minute ends  first sweep
 *                                   came since           this instance has
 *
 * Bars that a sweep has seen, and that are not due, are closed as they come due, for some time.
 *
 * @returns what a call does; it rejects when a symbol could not be advanced, after all sweeps
 */
export function createMinuteSweeps(sweeps: MinuteSweeps): () => Promise<Totals> {
  const { now, until } = sweeps
  const { first, last } = sweepsAfter(sweeps)
  /** The end of the newest minute that this instance has swept. */
  let swept = -Infinity
  return async () => {
    const totals = noTotals()
    const failures: unknown[] = []
    const sweep = async (symbols?: readonly string[]): Promise<Swept['waiting']> => {
      try {
        const { totals: added, waiting } = await sweeps.sweep(symbols)
        addTotals(totals, added)
        return waiting
      } catch (error) {
        failures.push(error)
        return new Map()
      }
    }
    /** Sweeps all, and closes what it finds waiting as it comes due, before a time. */
    const sweepUntil = async (before: number): Promise<void> =>
      await closeAsDue(await sweep(), { now, until, sweep, before })
    const sweepAfter = async (end: number): Promise<void> => {
      await until(end + first)
      await sweepUntil(end + last)
      await until(end + last)
      await sweepUntil(end + BEHIND_MS)
      if (failures.length === 0) swept = end
    }
    const called = now()
    const end = Math.floor(called / MINUTE_MS) * MINUTE_MS
    if (swept < end) await (called > end + last ? sweepUntil(end + BEHIND_MS) : sweepAfter(end))
    if (called > end + ON_TIME_MS) await sweepAfter(end + MINUTE_MS)
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} sweeps of a minute failed`)
    return totals
  }
}

/** Closes bars when they come due, before a time. */
async function closeAsDue(
  found: Swept['waiting'],
  {
    now,
    until,
    sweep,
    before,
  }: Pick<MinuteSweeps, 'now' | 'until'> & {
    readonly sweep: (symbols: readonly string[]) => Promise<Swept['waiting']>
    readonly before: number
  },
): Promise<void> {
  let waiting = found
  while (waiting.size > 0) {
    let next = Infinity
    for (const dueAt of waiting.values()) next = Math.min(next, dueAt)
    next = Math.max(next, now() + SPACING_MS)
    if (next >= before) return
    await until(next)
    const time = now()
    const due = [...waiting].filter(([, dueAt]) => dueAt <= time).map(([symbol]) => symbol)
    const later = [...waiting].filter(([, dueAt]) => dueAt > time)
    waiting = new Map([...later, ...(await sweep(due))])
  }
}
