import { signal } from '@preact/signals'

import { request } from '../api/request.ts'
import { firingsSchema, newRuleSchema, rulesSchema, ruleSchema, testedSchema } from '../api/system-schemas.ts'
import { Poll } from './poll.ts'
import { actions } from './system.ts'

const PATH = '/v1/alerts'

/** The rules of alerts. */
export const rules = new Poll(() => request(PATH, { schema: rulesSchema }), 10_000)

/** What has fired, the newest minute first. */
export const firings = new Poll(
  () => request(`${PATH}/firings`, { schema: firingsSchema, parameters: { limit: '20' } }),
  5000,
)

/** The secret of the rule that was added last, which the API gives once; one for the topic has none. */
export const newSecret = signal<{ readonly id: string; readonly secret: string } | undefined>(undefined)

type RuleRequest = {
  readonly condition: string
  /** `*` for all. */
  readonly symbols: string | readonly string[]
  readonly to: string
}

export async function addRule(body: RuleRequest): Promise<void> {
  const { id, secret } = await request(PATH, { schema: newRuleSchema, method: 'POST', body })
  newSecret.value = secret === null ? undefined : { id, secret }
  await refresh()
}

export async function removeRule(id: string): Promise<void> {
  await request(`${PATH}/${encodeURIComponent(id)}`, { schema: ruleSchema, method: 'DELETE' })
  await refresh()
}

/** @throws Error when the receiver did not take the message */
export async function testRule(id: string): Promise<void> {
  const path = `${PATH}/${encodeURIComponent(id)}/test`
  const { delivered, detail } = await request(path, { schema: testedSchema, method: 'POST' })
  if (!delivered) throw new Error(detail)
}

async function refresh(): Promise<void> {
  await Promise.all([rules.refresh(), actions.refreshIfUsed()])
}
