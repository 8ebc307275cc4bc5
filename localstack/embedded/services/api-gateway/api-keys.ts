import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { readState, writeState } from '../../storage/state-file.ts'
import type { Throttle } from './rest-api.ts'
import { createTokenBucket } from './throttle.ts'
import type { TokenBucket } from './throttle.ts'

type UsagePlan = {
  readonly throttle: Throttle
  /** Requests of a key per UTC day. */
  readonly dailyQuota: number | undefined
  readonly stages: readonly { readonly apiId: string; readonly stage: string }[]
}

/** What becomes of a request with that key. */
export type KeyVerdict =
  | { readonly type: 'allowed'; readonly keyId: string }
  | { readonly type: 'unknown' }
  | { readonly type: 'throttled' }
  | { readonly type: 'over-quota' }

/** The API keys, the plans they are in, and what they have used. Values of keys survive a restart. */
export type ApiKeys = {
  readonly ensure: (keyId: string, options: { value: string | undefined; enabled: boolean }) => void
  readonly addPlan: (planId: string, plan: UsagePlan) => void
  readonly addToPlan: (planId: string, keyId: string) => void
  readonly value: (keyId: string) => string | undefined
  readonly check: (value: string | undefined, apiId: string, stage: string) => KeyVerdict
}

type Member = {
  readonly keyId: string
  readonly plan: UsagePlan
  readonly bucket: TokenBucket
  used: { day: number; count: number }
}

const DAY_MS = 86_400_000
const stateSchema = z.record(z.string(), z.string())

export function openApiKeys(file: string, now: () => number): ApiKeys {
  const values: Record<string, string> = readState(file, stateSchema) ?? {}
  const enabled = new Set<string>()
  const plans = new Map<string, UsagePlan>()
  const members: Member[] = []
  return {
    ensure: (keyId, options) => {
      values[keyId] = options.value ?? values[keyId] ?? randomBytes(20).toString('hex')
      if (options.enabled) enabled.add(keyId)
      writeState(file, values)
    },
    addPlan: (planId, plan) => plans.set(planId, plan),
    addToPlan: (planId, keyId) => {
      const plan = plans.get(planId)
      if (plan === undefined) return
      const bucket = createTokenBucket(plan.throttle, now)
      members.push({ keyId, plan, bucket, used: { day: 0, count: 0 } })
    },
    value: (keyId) => values[keyId],
    check: (value, apiId, stage) => {
      const member = members.find(
        ({ keyId, plan }) =>
          enabled.has(keyId) &&
          values[keyId] === value &&
          plan.stages.some((each) => each.apiId === apiId && each.stage === stage),
      )
      if (value === undefined || member === undefined) return { type: 'unknown' }
      if (!member.bucket.take()) return { type: 'throttled' }
      return countUse(member, Math.floor(now() / DAY_MS))
    },
  }
}

function countUse(member: Member, day: number): KeyVerdict {
  if (member.used.day !== day) member.used = { day, count: 0 }
  const { dailyQuota } = member.plan
  if (dailyQuota !== undefined && member.used.count >= dailyQuota) return { type: 'over-quota' }
  member.used.count += 1
  return { type: 'allowed', keyId: member.keyId }
}
