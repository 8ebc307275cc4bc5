import type { APIGatewayProxyResult } from 'aws-lambda'
import * as z from 'zod'

import { LIVE_PROTOCOL, TICKET_PROTOCOL } from '../shared/access/live-protocol.ts'
import { ROLES } from './caller.ts'
import { TICKET_SECONDS, type Tickets } from './tickets.ts'

/** What the authorizer has said of who asks for a ticket, as API Gateway hands it on. */
const eventSchema = z.object({
  requestContext: z.object({
    authorizer: z.object({
      principalId: z.string(),
      role: z.enum([...ROLES, 'program']),
      usageKey: z.string(),
    }),
  }),
})

/**
 * Answers `POST /v1/live-tickets`.
 *
 * @throws when the table fails, or the authorizer was not asked before
 */
export function createTicketIssue(tickets: Tickets): (event: unknown) => Promise<APIGatewayProxyResult> {
  return async (event) => {
    const { principalId: principal, role, usageKey } = eventSchema.parse(event).requestContext.authorizer
    const ticket = await tickets.issue({ principal, role, usageKey })
    return {
      statusCode: 201,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: JSON.stringify({
        protocols: [LIVE_PROTOCOL, `${TICKET_PROTOCOL}${ticket}`],
        expires_in: TICKET_SECONDS,
      }),
    }
  }
}
