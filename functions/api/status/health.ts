import { z } from '@hono/zod-openapi'

import { timeSchema, timeText } from '../bars/bar-view.ts'
import { endpoint } from '../endpoint.ts'
import { findSession } from '../market/session.ts'

/** A minute's bar comes about 3 s after its end, so the newest bar began at most 65 s ago: this is two bars missing. */
const LATE_AFTER_SECONDS = 180

/** Whether there are bars, and new ones. */
export const health = endpoint({
  path: '/v1/health',
  summary: 'Health',
  description: `200 and "healthy" while new bars come; 503 and "unhealthy" when there are none, or the newest began more than ${LATE_AFTER_SECONDS} s ago.`,
  parameters: z.object({}),
  answer: z
    .object({
      status: z.enum(['healthy', 'unhealthy']),
      reason: z.string().nullable().openapi({ description: 'Why it is unhealthy' }),
      newest_bar: timeSchema.nullable(),
      age_seconds: z.int().nullable().openapi({ description: 'Since the start of the newest bar' }),
    })
    .openapi('Health'),
  lists: 'nothing',
  read: async (_parameters, { database, now }) => {
    const newest = (await findSession(database, 'UTC'))?.newest
    const age = newest === undefined ? null : Math.floor((now() - newest) / 1000)
    const reason = reasonOf(age)
    return {
      status: reason === null ? 200 : 503,
      json: {
        status: reason === null ? 'healthy' : 'unhealthy',
        reason,
        newest_bar: newest === undefined ? null : timeText(newest / 1000),
        age_seconds: age,
      },
      lifetime: 'live',
    }
  },
})

function reasonOf(age: number | null): string | null {
  if (age === null) return 'there are no bars'
  if (age <= LATE_AFTER_SECONDS) return null
  return `the newest bar began ${age} s ago; up to ${LATE_AFTER_SECONDS} s is healthy`
}
