import { STATUS_CODES } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { ApiKeys } from '../api-gateway/api-keys.ts'
import { connectEvent, newId } from './events.ts'
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

/** Asks for the key that `$connect` requires, and the integration of that route, if there is one. */
export async function admit(
  request: IncomingMessage,
  {
    stage,
    keys,
    backend,
  }: {
    readonly stage: Stage
    readonly keys: ApiKeys
    readonly backend: Backend
  },
): Promise<Admission> {
  const { api, name, bucket } = stage
  const [connectionId, requestId, time] = [newId(), newId(), backend.clock.now()]
  const refused = ({ status, message }: Refusal): Admission => ({
    type: 'refused',
    status,
    body: JSON.stringify({ message, connectionId, requestId }),
  })
  const route = routeOf(api, '$connect')
  const key = route?.apiKeyRequired === true ? checkKey(request, keys, stage) : undefined
  if (key?.type === 'refused') return refused(key)
  if (!bucket.take()) return refused({ status: 429, message: 'Too Many Requests' })
  const userAgent = request.headers['user-agent']
  const context: ConnectionContext = {
    connectionId,
    apiId: api.id,
    stage: name,
    domainName: request.headers.host ?? '',
    connectedAt: time,
    identity: {
      sourceIp: request.socket.remoteAddress ?? '',
      ...(userAgent !== undefined && { userAgent }),
      ...key?.identity,
    },
  }
  if (route === undefined) return { type: 'admitted', context, subprotocol: undefined }
  const event = connectEvent(request, { context, requestId, time })
  const verdict = verdictOf(await callIntegration(route.integration, event, backend))
  return verdict.type === 'refused' ? refused(verdict) : { ...verdict, context }
}

type Refusal = { readonly status: number; readonly message: string }

const keyRefusals = {
  unknown: { type: 'refused', status: 403, message: 'Forbidden' },
  throttled: { type: 'refused', status: 429, message: 'Too Many Requests' },
  'over-quota': { type: 'refused', status: 429, message: 'Limit Exceeded' },
} as const

function checkKey({ headers }: IncomingMessage, keys: ApiKeys, { api, name }: Stage) {
  const given = headers['x-api-key']
  const value = typeof given === 'string' ? given : ''
  const verdict = keys.check(value, api.id, name)
  if (verdict.type !== 'allowed') return keyRefusals[verdict.type]
  return { type: 'allowed', identity: { apiKey: value, apiKeyId: verdict.keyId } } as const
}

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
