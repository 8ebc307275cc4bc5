import { MAX_ATTEMPTS, retryDelayMs } from '../domain/alerts/retries.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'
import type { Ending, Ledger, Waiting } from './ledger.ts'
import { type Attempt, messageOf, type Send } from './message.ts'
import type { RuleStore } from './rule-store.ts'

export type DeliverDeps = {
  readonly ledger: Ledger
  readonly rules: Pick<RuleStore, 'read'>
  readonly send: Send
  /** Unix milliseconds. */
  readonly now: () => number
}

export type Delivered = { readonly delivered: number; readonly failed: number; readonly later: number }

/** Longer than an attempt and its bookkeeping: when it is over, whoever made the attempt has died. */
const LEASE_MS = 60_000
const AT_ONCE = 10

/**
 * Delivers what is due, and starts no attempt at `until` (Unix milliseconds) or later. A receiver may get a message again whose
 * sender died before it could note the answer.
 */
export async function deliverDue(deps: DeliverDeps, until: number): Promise<Delivered> {
  const { ledger, now } = deps
  const totals = { delivered: 0, failed: 0, later: 0 }
  await concurrently(await ledger.due(now()), AT_ONCE, async (waiting) => {
    if (now() >= until) return
    const claimed = await ledger.claim(waiting, now() + LEASE_MS)
    if (claimed === undefined) return
    const ending = endingOf(await attempt(deps, claimed), claimed, now())
    await ledger.end(claimed, ending)
    totals[ending.type]++
  })
  return totals
}

async function attempt({ ledger, rules, send }: DeliverDeps, { id }: Waiting): Promise<Attempt> {
  const entry = await ledger.read(id)
  if (entry === undefined) throw new Error(`the firing ${id} is to be delivered and not in the table`)
  const { firing } = entry
  const rule = await rules.read(firing.ruleId)
  if (rule === undefined) return { type: 'refused', reason: 'its rule was removed' }
  return await send(rule, messageOf(rule, firing))
}

function endingOf(attempted: Attempt, { attempts }: Waiting, now: number): Ending {
  if (attempted.type === 'delivered') return { type: 'delivered' }
  const { reason } = attempted
  const delay = attempted.type === 'refused' ? undefined : retryDelayMs(attempts)
  if (delay !== undefined) return { type: 'later', reason, due: now + delay }
  const times = attempts >= MAX_ATTEMPTS ? ` (${attempts} attempts)` : ''
  return { type: 'failed', reason: `${reason}${times}` }
}
