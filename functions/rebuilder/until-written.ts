import { MINUTE_SECONDS } from '../domain/bar-builder.ts'
import type { RecentBar } from '../domain/signals.ts'
import type { SignalDeps } from './rebuild-signals.ts'

const LOOK_EVERY_MS = 500

/** Asks until something is written, for some time at the most; whether it is. */
export async function untilTrue(
  { now, wait }: Pick<SignalDeps, 'now' | 'wait'>,
  longestMs: number,
  isWritten: () => Promise<boolean>,
): Promise<boolean> {
  const began = now()
  while (!(await isWritten())) {
    if (now() - began > longestMs) return false
    await wait(LOOK_EVERY_MS)
  }
  return true
}

/** What is not written by then was lost with the database, rather than still being on its way. */
const LONGEST_MS = 30_000

/**
 * Waits until the database has what the analytics part knows: its newest bars and their signals, and so, in the order of the
 * streams, all that was before.
 */
export async function untilWritten(
  { stored, signals, ...clock }: Pick<SignalDeps, 'stored' | 'signals' | 'now' | 'wait'>,
  symbol: string,
  recent: readonly RecentBar[],
): Promise<void> {
  const [first, last] = [recent[0]?.bar.start, recent.at(-1)?.bar.start]
  if (first === undefined || last === undefined) return
  const span = { from: first, to: last + MINUTE_SECONDS }
  await untilTrue(clock, LONGEST_MS, async () => {
    const rows = await signals(symbol, span)
    const bars = (await stored.read([symbol], span)).get(symbol)
    return recent.every(
      ({ bar: { start }, barRevision, revision }) =>
        (bars?.get(start)?.revision ?? 0) >= barRevision && (rows.get(start)?.revision ?? 0) >= revision,
    )
  })
}
