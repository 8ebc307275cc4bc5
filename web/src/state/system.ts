import { request } from '../api/request.ts'
import { actionsSchema, deadLettersSchema, doneSchema, systemSchema } from '../api/system-schemas.ts'
import { pageConfig } from './page-config.ts'
import { Poll } from './poll.ts'

const MOST_LETTERS = '50'

/** On AWS each reading is billed, and its figures are of whole minutes. */
const EVERY_MS = { session: 2000, oidc: 30_000 }

/** The server of `npm start` answers itself; on AWS a function does so below this path. */
function pathOf(path: string): string {
  return pageConfig().signIn === 'oidc' ? `/v1/operations${path}` : path
}

export const system = new Poll(
  () => request(pathOf('/system'), { schema: systemSchema }),
  () => EVERY_MS[pageConfig().signIn],
)
export const deadLetters = new Poll(
  () => request(pathOf('/dead-letters'), { schema: deadLettersSchema, parameters: { limit: MOST_LETTERS } }),
  10_000,
)
export const actions = new Poll(() => request(pathOf('/actions'), { schema: actionsSchema }), 10_000)

/** Puts the records of a dead letter back on their stream, or takes it away. */
export async function settleDeadLetter(what: 'redrive' | 'discard', key: string): Promise<void> {
  await request(pathOf(`/dead-letters/${what}`), { schema: doneSchema, method: 'POST', body: { key } })
  await Promise.all([deadLetters.refresh(), actions.refresh()])
}

export async function switchFlag(name: string, value: 'on' | 'off'): Promise<void> {
  await request(pathOf(`/flags/${encodeURIComponent(name)}`), {
    schema: doneSchema,
    method: 'PUT',
    body: { value },
  })
  await Promise.all([system.refresh(), actions.refresh()])
}
