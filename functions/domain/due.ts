import type { BarBuilder } from './bar-builder.ts'
import type { Rules } from './event.ts'
import type { MinuteState, Touched } from './minute-state.ts'
import { endOf } from './minutes.ts'

/**
 * How long the clock waits for a minute whose trades came more than the lateness after their own time: they are played
 * in from a record, and a machine that is slow at it must not make corrections.
 */
const REPLAY_GRACE_MS = 30_000

/** Unix milliseconds from which the wall clock closes the open minute; undefined when none is open. */
export function closesAt(state: MinuteState, rules: Rules): number | undefined {
  if (state.open === undefined) return undefined
  return dueAt(state.open, state.touched, rules) + state.touched.lagMs
}

/** The same by the clock of the stream: the arrival of what was given last. */
export function dueAt(open: BarBuilder, { arrivedAt, delayMs }: Touched, rules: Rules): number {
  const isReplayed = delayMs > rules.latenessSeconds * 1000
  const graceMs = isReplayed ? Math.max(rules.graceMs, REPLAY_GRACE_MS) : rules.graceMs
  return Math.max(endOf(open), arrivedAt + graceMs)
}
