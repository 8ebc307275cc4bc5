import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { ServiceError } from '../../http/json-service.ts'
import { readState, writeState } from '../../storage/state-file.ts'
import type { Throttle } from './rest-api.ts'
import { createTokenBucket } from './throttle.ts'
import type { TokenBucket } from './throttle.ts'

export type UsagePlan = {
  readonly name: string
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

/** What API Gateway takes as the value of a key. */
export const keyValue = z.string().min(20).max(128)

const keySchema = z.object({
  name: z.string(),
  value: z.string(),
  enabled: z.boolean(),
  /** What the template said of `enabled` when it was last deployed; absent in a key that no template has. */
  declared: z.boolean().optional(),
  /** Unix milliseconds. */
  createdAt: z.number(),
  /** The usage plans that a key without a template is in. */
  plans: z.array(z.string()),
})
/** Files of earlier versions hold only the value. */
const stateSchema = z.record(z.string(), z.union([z.string(), keySchema]))

export type StoredKey = Readonly<z.output<typeof keySchema>>

/** The API keys, the plans they are in, and what they have used. Keys survive a restart; what they have used does not. */
export type ApiKeys = {
  /** A key of the template. */
  readonly ensure: (
    keyId: string,
    options: { readonly value: string | undefined; readonly enabled: boolean; readonly name: string },
  ) => void
  /** The keys that are there, by id. */
  readonly all: () => ReadonlyMap<string, StoredKey>
  readonly plans: ReadonlyMap<string, UsagePlan>
  /** Makes a key that no template has. Throws a ServiceError if the value is another key's. */
  readonly create: (options: {
    readonly value: string | undefined
    readonly enabled: boolean
    readonly name: string
  }) => string
  readonly change: (keyId: string, changes: Partial<Pick<StoredKey, 'name' | 'enabled'>>) => void
  readonly remove: (keyId: string) => void
  readonly addPlan: (planId: string, plan: UsagePlan) => void
  /** Throws a ServiceError if the key has a plan for the same stage already. */
  readonly addToPlan: (planId: string, keyId: string) => void
  readonly removeFromPlan: (planId: string, keyId: string) => void
  /** The ids of the keys in a plan. */
  readonly inPlan: (planId: string) => readonly string[]
  readonly value: (keyId: string) => string | undefined
  readonly check: (value: string | undefined, apiId: string, stage: string) => KeyVerdict
}

type Member = {
  readonly keyId: string
  readonly planId: string
  readonly plan: UsagePlan
  readonly bucket: TokenBucket
  used: { day: number; count: number }
}

const DAY_MS = 86_400_000

export function openApiKeys(file: string, now: () => number): ApiKeys {
  const stored = new Map(
    Object.entries(readState(file, stateSchema) ?? {}).map(([id, key]) => [id, wholeOf(key)]),
  )
  /** Keys of the template that this start has made, and those without a template. */
  const present = new Set([...stored].flatMap(([id, { declared }]) => (declared === undefined ? id : [])))
  const plans = new Map<string, UsagePlan>()
  const members: Member[] = []
  const save = (keyId: string, key: StoredKey): void => {
    stored.set(keyId, key)
    present.add(keyId)
    writeState(file, Object.fromEntries(stored))
  }
  const join = (planId: string, keyId: string, plan: UsagePlan): void => {
    members.push({
      keyId,
      planId,
      plan,
      bucket: createTokenBucket(plan.throttle, now),
      used: { day: 0, count: 0 },
    })
  }
  const leave = (isGone: (member: Member) => boolean): void => {
    for (const gone of members.filter(isGone)) members.splice(members.indexOf(gone), 1)
  }
  return {
    ensure: (keyId, { value, enabled, name }) => {
      const before = stored.get(keyId)
      const isUnchanged = before !== undefined && before.declared === enabled
      save(keyId, {
        name,
        value: value ?? before?.value ?? newValue(),
        // As CloudFormation does, which leaves a key alone whose template has not changed.
        enabled: isUnchanged ? before.enabled : enabled,
        declared: enabled,
        createdAt: before?.createdAt ?? now(),
        plans: [],
      })
    },
    all: () => new Map([...stored].filter(([id]) => present.has(id))),
    plans,
    create: ({ value = newValue(), enabled, name }) => {
      const taken = [...stored].some(([id, key]) => present.has(id) && key.value === value)
      if (taken) throw new ServiceError('ConflictException', 'API Key already exists', { status: 409 })
      const keyId = randomBytes(5).toString('hex')
      save(keyId, { name, value, enabled, createdAt: now(), plans: [] })
      return keyId
    },
    change: (keyId, changes) => {
      const key = stored.get(keyId)
      if (key !== undefined) save(keyId, { ...key, ...changes })
    },
    remove: (keyId) => {
      leave((member) => member.keyId === keyId)
      stored.delete(keyId)
      present.delete(keyId)
      writeState(file, Object.fromEntries(stored))
    },
    addPlan: (planId, plan) => {
      plans.set(planId, plan)
      for (const [keyId, key] of stored) if (key.plans.includes(planId)) join(planId, keyId, plan)
    },
    addToPlan: (planId, keyId) => {
      const plan = plans.get(planId)
      if (plan === undefined) return
      refuseSecondPlan(members, { keyId, plan })
      join(planId, keyId, plan)
      const key = stored.get(keyId)
      if (key !== undefined && key.declared === undefined)
        save(keyId, { ...key, plans: [...key.plans, planId] })
    },
    removeFromPlan: (planId, keyId) => {
      leave((member) => member.keyId === keyId && member.planId === planId)
      const key = stored.get(keyId)
      if (key !== undefined) save(keyId, { ...key, plans: key.plans.filter((id) => id !== planId) })
    },
    inPlan: (planId) => members.flatMap((member) => (member.planId === planId ? member.keyId : [])),
    value: (keyId) => stored.get(keyId)?.value,
    check: (value, apiId, stage) => {
      if (value === undefined) return { type: 'unknown' }
      const member = members.find(({ keyId, plan }) => {
        const key = present.has(keyId) ? stored.get(keyId) : undefined
        return key?.enabled === true && key.value === value && isFor(plan, apiId, stage)
      })
      if (member === undefined) return { type: 'unknown' }
      if (!member.bucket.take()) return { type: 'throttled' }
      return countUse(member, Math.floor(now() / DAY_MS))
    },
  }
}

function newValue(): string {
  return randomBytes(20).toString('hex')
}

function wholeOf(key: string | StoredKey): StoredKey {
  if (typeof key !== 'string') return key
  return { name: '', value: key, enabled: true, declared: true, createdAt: 0, plans: [] }
}

function isFor({ stages }: UsagePlan, apiId: string, stage: string): boolean {
  return stages.some((each) => each.apiId === apiId && each.stage === stage)
}

function refuseSecondPlan(
  members: readonly Member[],
  { keyId, plan }: { readonly keyId: string; readonly plan: UsagePlan },
): void {
  const other = members.find(
    (member) =>
      member.keyId === keyId && plan.stages.some(({ apiId, stage }) => isFor(member.plan, apiId, stage)),
  )
  if (other === undefined) return
  throw new ServiceError(
    'ConflictException',
    `API Key ${keyId} is in the usage plan ${other.planId} for the same API stage already`,
    { status: 409 },
  )
}

function countUse(member: Member, day: number): KeyVerdict {
  if (member.used.day !== day) member.used = { day, count: 0 }
  const { dailyQuota } = member.plan
  if (dailyQuota !== undefined && member.used.count >= dailyQuota) return { type: 'over-quota' }
  member.used.count += 1
  return { type: 'allowed', keyId: member.keyId }
}
