import { STATUS_CODES } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { ApiKeys } from '../api-gateway/api-keys.ts'
import type { Authorizers } from '../api-gateway/authorizer.ts'
import { authorizerResponses, defaultResponses, keyResponses } from '../api-gateway/gateway-responses.ts'
import { authorizerEvent, connectEvent, newId, queryOf } from './events.ts'
import type { ConnectionContext } from './events.ts'
import { callIntegration } from './integration.ts'
import type { Backend, IntegrationResult } from './integration.ts'
import type { Stage } from './stages.ts'
import { routeOf } from './web-socket-api.ts'

/** What becomes of a client that wants to connect. */
export type Admission =
  | {
      readonly type: 'admitted'
      readonly context: ConnectionContext
      /** The subprotocol that the integration chose. */
      readonly subprotocol: string | undefined
    }
  | { readonly type: 'refused'; readonly status: number; readonly body: string }

/** Where the stack runs. */
export type Account = { readonly region: string; readonly accountId: string }

type Gate = {
  readonly stage: Stage
  readonly keys: ApiKeys
  readonly account: Account
  readonly authorizers: Authorizers
  readonly backend: Backend
}

/** Asks the authorizer of `$connect`, for the key that it requires, and the integration of that route, if there is one. */
export async function admit(request: IncomingMessage, gate: Gate): Promise<Admission> {
  const { stage, backend } = gate
  const [connectionId, requestId, time] = [newId(), newId(), backend.clock.now()]
  const refused = ({ status, message }: Refusal): Admission => ({
    type: 'refused',
    status,
    body: JSON.stringify({ message, connectionId, requestId }),
  })
  const route = routeOf(stage.api, '$connect')
  const userAgent = request.headers['user-agent']
  const asked: ConnectionContext = {
    connectionId,
    apiId: stage.api.id,
    stage: stage.name,
    domainName: request.headers.host ?? '',
    connectedAt: time,
    identity: {
      sourceIp: request.socket.remoteAddress ?? '',
      ...(userAgent !== undefined && { userAgent }),
    },
  }
  const caller = await identify(request, gate, { context: asked, requestId, time })
  if (caller.type === 'refused') return refused(caller)
  if (!stage.bucket.take()) return refused({ status: 429, message: 'Too Many Requests' })
  const { identity, authorizer } = caller
  const context = {
    ...asked,
    ...(authorizer && { authorizer }),
    identity: { ...asked.identity, ...identity },
  }
  if (route === undefined) return { type: 'admitted', context, subprotocol: undefined }
  const event = connectEvent(request, { context, requestId, time })
  const verdict = verdictOf(
    await callIntegration(route, event, {
      ...backend,
      stage,
      ...(identity && { client: identity.apiKeyId }),
    }),
  )
  return verdict.type === 'refused' ? refused(verdict) : { ...verdict, context }
}

type Refusal = { readonly status: number; readonly message: string }

type Caller =
  | ({ readonly type: 'refused' } & Refusal)
  | {
      readonly type: 'known'
      readonly identity?: { readonly apiKey: string; readonly apiKeyId: string }
      readonly authorizer?: Readonly<Record<string, string>>
    }

/** Who connects, by the authorizer and the API key of `$connect`. */
async function identify(
  request: IncomingMessage,
  { stage: { api, name }, keys, account, authorizers }: Gate,
  occasion: { readonly context: ConnectionContext; readonly requestId: string; readonly time: number },
): Promise<Caller> {
  const route = routeOf(api, '$connect')
  const methodArn = `arn:aws:execute-api:${account.region}:${account.accountId}:${api.id}/${name}/$connect`
  const verdict =
    route?.authorizer &&
    (await authorizers.authorize(route.authorizer, {
      stage: `${api.id}/${name}`,
      methodArn,
      authorizersArn: `arn:aws:execute-api:${account.region}:${account.accountId}:${api.id}/authorizers/`,
      request: { headers: request.headers, query: queryOf(request) },
      event: () => authorizerEvent(request, { ...occasion, methodArn }),
    }))
  if (verdict !== undefined && verdict.type !== 'allowed') {
    const { status } = defaultResponses[authorizerResponses[verdict.type]]
    return { type: 'refused', status, message: refusalMessages[status] }
  }
  const { authorization } = verdict ?? {}
  const authorizer = authorization && { ...authorization.context, principalId: authorization.principalId }
  const known = { type: 'known', ...(authorizer && { authorizer }) } as const
  if (route?.apiKeyRequired !== true) return known
  const given = api.keySource === 'HEADER' ? request.headers['x-api-key'] : authorization?.usageIdentifierKey
  const apiKey = typeof given === 'string' ? given : ''
  const key = keys.check(apiKey, api.id, name)
  return key.type === 'allowed'
    ? { ...known, identity: { apiKey, apiKeyId: key.keyId } }
    : { type: 'refused', ...defaultResponses[keyResponses[key.type]] }
}

/** What a client reads that an authorizer does not let in. */
const refusalMessages = { 401: 'Unauthorized', 403: 'Forbidden', 500: 'Internal server error' } as const

function verdictOf(result: IntegrationResult) {
  if (result.type === 'timed-out')
    return { type: 'refused', status: 504, message: 'Endpoint request timed out' } as const
  // An interim status would leave the client waiting for another.
  if (result.type === 'failed' || result.response.status < 200)
    return { type: 'refused', status: 502, message: 'Internal server error' } as const
  const { status, headers = {} } = result.response
  if (status >= 300)
    return { type: 'refused', status, message: STATUS_CODES[status] ?? 'The connection is refused' } as const
  const chosen = Object.entries(headers).find(([header]) => /^sec-websocket-protocol$/i.test(header))
  return { type: 'admitted', subprotocol: chosen?.[1] } as const
}
