import { DynamoDBClient } from '@aws-sdk/client-dynamodb'

import { parseEnvironment } from '../shared/runtime/environment.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { type AuthorizerEvent, createAuthorize } from './authorize.ts'
import { authorizerEnvironment } from './env.ts'
import { createTicketIssue } from './issue-ticket.ts'
import { createTickets } from './tickets.ts'
import { createTokens, NO_TOKENS } from './tokens.ts'

const environment = parseEnvironment(authorizerEnvironment, process.env)
const { logger } = createTelemetry('authorizer')
const tickets = createTickets(
  new DynamoDBClient({ requestHandler: limitedHttp(LIMITS.tickets) }),
  environment.TICKETS_TABLE,
  Date.now,
)
const tokens =
  environment.OIDC_ISSUER === ''
    ? NO_TOKENS
    : createTokens({
        issuer: environment.OIDC_ISSUER,
        audience: environment.OIDC_AUDIENCE,
        groupsClaim: environment.OIDC_GROUPS_CLAIM,
        usageKey: environment.PEOPLE_KEY,
        now: Date.now,
      })
const authorize = createAuthorize({
  tokens,
  tickets,
  refused: (reason) => logger.info('a request is refused', { reason }),
})
const issueTicket = createTicketIssue(tickets)

/** Decides who may use the REST and WebSocket APIs, or answers `POST /v1/live-tickets`. */
export async function handler(event: AuthorizerEvent | { readonly httpMethod: string }) {
  return 'methodArn' in event ? await authorize(event) : await issueTicket(event)
}
