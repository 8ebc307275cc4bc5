import { request } from '../api/request.ts'
import { actionsSchema, deadLettersSchema, doneSchema, systemSchema } from '../api/system-schemas.ts'
import { Poll } from './poll.ts'

const MOST_LETTERS = '50'

export const system = new Poll(() => request('/system', { schema: systemSchema }), 2000)
export const deadLetters = new Poll(
  () => request('/dead-letters', { schema: deadLettersSchema, parameters: { limit: MOST_LETTERS } }),
  10_000,
)
export const actions = new Poll(() => request('/actions', { schema: actionsSchema }), 10_000)

/** Puts the records of a dead letter back on their stream, or takes it away. */
export async function settleDeadLetter(what: 'redrive' | 'discard', key: string): Promise<void> {
  await request(`/dead-letters/${what}`, { schema: doneSchema, method: 'POST', body: { key } })
  await Promise.all([deadLetters.refresh(), actions.refresh()])
}

export async function switchFlag(name: string, value: 'on' | 'off'): Promise<void> {
  await request(`/flags/${encodeURIComponent(name)}`, { schema: doneSchema, method: 'PUT', body: { value } })
  await Promise.all([system.refresh(), actions.refresh()])
}
