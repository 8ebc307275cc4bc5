import { createHash } from 'node:crypto'

import * as z from 'zod'

import { minuteText } from '../shared/runtime/minute-text.ts'
import type { Rule } from './rule.ts'

/** That a rule fired for a minute of a symbol. */
export const firingSchema = z.object({
  /** The same for the same rule, symbol, minute and revision, so that a receiver knows what it has had. */
  id: z.string(),
  ruleId: z.string(),
  condition: z.string(),
  symbol: z.string(),
  /** Start of the minute, as the streams have it. */
  minute: z.string(),
  revision: z.int(),
  /** What is sent: its signature is over these very characters, at each attempt. */
  body: z.string(),
  /** Unix milliseconds. */
  firedAt: z.number(),
})
export type Firing = Readonly<z.infer<typeof firingSchema>>

/** What made a rule fire. */
export type Cause = {
  readonly symbol: string
  /** Unix seconds of the start of the minute. */
  readonly minute: number
  /** Of the bar, the indicators or the patterns; 0 of a silence. */
  readonly revision: number
  /** By name: exact decimals as texts, indicators as numbers. */
  readonly values: Readonly<Record<string, string | number | null>>
}

/** @param now Unix milliseconds */
export function firingOf(rule: Rule, { symbol, minute, revision, values }: Cause, now: number): Firing {
  const iso = minuteText(minute)
  const identity = JSON.stringify([rule.id, symbol, iso, revision])
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 24)
  const id = `${iso.replaceAll(/[-:]/g, '')}-${hash}`
  const body = JSON.stringify({
    type: 'alert.fired',
    timestamp: new Date(now).toISOString(),
    data: {
      id,
      rule: { id: rule.id, name: rule.name, condition: rule.condition },
      symbol,
      minute: iso,
      revision,
      values,
    },
  })
  return {
    id,
    ruleId: rule.id,
    condition: rule.condition,
    symbol,
    minute: iso,
    revision,
    body,
    firedAt: now,
  }
}

/** A firing with what became of its delivery. */
export type LedgerEntry = {
  readonly firing: Firing
  readonly delivery: 'waiting' | 'delivered' | 'failed'
  readonly attempts: number
  /** Why the last attempt failed. */
  readonly reason: string | undefined
  /** When it was delivered, or given up; Unix milliseconds. */
  readonly endedAt: number | undefined
}

export const firingViewSchema = z.object({
  id: z.string(),
  rule_id: z.string(),
  condition: z.string(),
  symbol: z.string(),
  timestamp: z.string(),
  revision: z.int(),
  fired_at: z.string(),
  delivery: z.enum(['waiting', 'delivered', 'failed']),
  attempts: z.int(),
  last_error: z.string().nullable(),
  ended_at: z.string().nullable(),
})
export const firingListSchema = z.object({
  firings: z.array(firingViewSchema),
  next_page_token: z.string().nullable(),
})
export type FiringView = z.infer<typeof firingViewSchema>

export function viewOfEntry({ firing, delivery, attempts, reason, endedAt }: LedgerEntry): FiringView {
  return {
    id: firing.id,
    rule_id: firing.ruleId,
    condition: firing.condition,
    symbol: firing.symbol,
    timestamp: firing.minute,
    revision: firing.revision,
    fired_at: new Date(firing.firedAt).toISOString(),
    delivery,
    attempts,
    last_error: reason ?? null,
    ended_at: endedAt === undefined ? null : new Date(endedAt).toISOString(),
  }
}
