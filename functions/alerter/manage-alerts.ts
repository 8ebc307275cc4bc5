import * as z from 'zod'

import { newId } from '../shared/runtime/timed-id.ts'
import { type firingListSchema, viewOfEntry } from './firing.ts'
import type { Ledger } from './ledger.ts'
import type { Message, Send } from './message.ts'
import { AlertRefusal } from './refusal.ts'
import { readRuleRequest, type RuleLimits } from './rule-request.ts'
import { type newRuleSchema, type Rule, type ruleListSchema, viewOfRule } from './rule.ts'
import type { RuleStore } from './rule-store.ts'
import { newSecret } from './sign.ts'
import { TOPIC } from './target.ts'

export type ManageDeps = {
  readonly rules: RuleStore
  readonly ledger: Ledger
  readonly send: Send
  readonly limits: RuleLimits
  /** Lets what is due be delivered, without waiting for it; a schedule does so too. */
  readonly start: () => Promise<void>
  /** Unix milliseconds. */
  readonly now: () => number
}

export const testResultSchema = z.object({
  delivered: z.boolean(),
  /** What the receiver answered, or why it got nothing. */
  detail: z.string(),
})

/** What can be done with alerts; each rejects with an AlertRefusal where it cannot be. */
export type ManagedAlerts = {
  list(): Promise<z.infer<typeof ruleListSchema>>
  add(body: unknown, by: string): Promise<z.infer<typeof newRuleSchema>>
  show(id: string): Promise<ReturnType<typeof viewOfRule>>
  remove(id: string): Promise<ReturnType<typeof viewOfRule>>
  test(id: string): Promise<z.infer<typeof testResultSchema>>
  firings(page: {
    readonly limit: number
    readonly before?: string | undefined
  }): Promise<z.infer<typeof firingListSchema>>
  /** Delivers a firing again whose delivery has failed. */
  retry(id: string): Promise<ReturnType<typeof viewOfEntry>>
}

/** Each record is compared with each of them. */
const MAX_RULES = 100

export function manageAlerts(deps: ManageDeps): ManagedAlerts {
  const { rules, ledger, limits, start, now } = deps
  const found = async (id: string): Promise<Rule> => {
    const rule = await rules.read(id)
    if (rule === undefined)
      throw new AlertRefusal('no-rule', `there is no rule ${JSON.stringify(id.slice(0, 100))}`)
    return rule
  }
  return {
    list: async () => ({ rules: (await rules.list()).map(viewOfRule) }),
    add: async (body, by) => {
      const request = readRuleRequest(body, limits)
      if ((await rules.list()).length >= MAX_RULES)
        throw new AlertRefusal(
          'too-many-rules',
          `there are ${MAX_RULES} rules, the most that a deployment has: remove one`,
        )
      const { name, condition, symbols, to, max_age_minutes: maxAgeMinutes } = request
      const rule: Rule = {
        id: newId(now()),
        name: name ?? condition,
        condition,
        symbols,
        to,
        // SNS signs what it sends.
        secret: to === TOPIC ? null : newSecret(),
        maxAgeMinutes,
        createdAt: now(),
        createdBy: by,
      }
      await rules.add(rule)
      return { ...viewOfRule(rule), secret: rule.secret }
    },
    show: async (id) => viewOfRule(await found(id)),
    remove: async (id) => {
      const rule = await found(id)
      await rules.remove(id)
      return viewOfRule(rule)
    },
    test: async (id) => await sendTest(deps, await found(id)),
    firings: async (page) => {
      const { entries, next = null } = await ledger.list(page)
      return { firings: entries.map(viewOfEntry), next_page_token: next }
    },
    retry: async (id) => {
      const isAgain = await ledger.again(id)
      const entry = await ledger.read(id)
      if (entry === undefined)
        throw new AlertRefusal(
          'no-firing',
          `there is no firing ${JSON.stringify(id.slice(0, 100))}; they are kept for 90 days`,
        )
      if (!isAgain)
        throw new AlertRefusal('not-failed', `the delivery of ${id} has not failed: it is ${entry.delivery}`)
      await start()
      return viewOfEntry(entry)
    },
  }
}

/** Sends one message now, and records nothing. */
async function sendTest({ send, now }: ManageDeps, rule: Rule): Promise<z.infer<typeof testResultSchema>> {
  const id = `test-${newId(now())}`
  const timestamp = new Date(now()).toISOString()
  const { id: ruleId, name, condition } = rule
  const data = { id, rule: { id: ruleId, name, condition } }
  const type = 'alert.test'
  const message: Message = {
    id,
    type,
    body: JSON.stringify({ type, timestamp, data }),
    rule,
    symbol: undefined,
  }
  const attempt = await send(rule, message)
  return attempt.type === 'delivered'
    ? { delivered: true, detail: attempt.detail }
    : { delivered: false, detail: attempt.reason }
}
