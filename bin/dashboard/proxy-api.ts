import { Agent, type IncomingMessage, request as startRequest, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'

import { problem, SECURITY_HEADERS, send } from './answer.ts'

/** Where the REST API is, and the key that stays on this side. */
export type Api = { readonly url: string; readonly key: string }

/** What the API may know of a request of the page; nothing that the page could use to act as another. */
const PASSED_ON = ['accept', 'accept-encoding', 'if-none-match']
const PASSED_BACK = [
  'allow',
  'content-encoding',
  'content-length',
  'content-type',
  'etag',
  'retry-after',
  'x-next-page-token',
]
const TIMEOUT_MS = 60_000

const agent = new Agent({ keepAlive: true, maxSockets: 32 })

/** Answers a request as the API does; one that has a key is sent with that, and any other with the key of this side. */
export function proxyToApi(
  api: Api,
  request: IncomingMessage,
  { path, response }: { readonly path: string; readonly response: ServerResponse },
): void {
  const { 'x-api-key': given } = request.headers
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const headers = {
    ...picked(request.headers, isRead ? PASSED_ON : [...PASSED_ON, 'content-length', 'content-type']),
    'x-api-key': given ?? api.key,
  }
  const asked = startRequest(`${api.url}${path}`, {
    agent,
    headers,
    method: request.method,
    timeout: TIMEOUT_MS,
  })
  asked.once('timeout', () => asked.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)))
  asked.once('error', (error) => send(response, unreachable(error)))
  asked.once('response', (answer) => {
    const { 'cache-control': caching = 'no-store' } = answer.headers
    response.writeHead(answer.statusCode ?? 502, {
      ...SECURITY_HEADERS,
      ...picked(answer.headers, PASSED_BACK),
      // What is read with a session is for its browser alone, and for as long as the session lasts.
      'cache-control': caching.replace('public', 'private'),
      vary: 'cookie, accept, accept-encoding, x-api-key',
    })
    pipeline(answer, response, () => {})
  })
  response.once('close', () => asked.destroy())
  if (isRead) asked.end()
  else pipeline(request, asked, () => {})
}

function picked(
  headers: IncomingMessage['headers'],
  names: readonly string[],
): Record<string, string | string[]> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function unreachable(error: Error) {
  return problem(502, 'unreachable', {
    title: 'The API does not answer',
    detail: `the API of this deployment does not answer (${error.message}); is npm start running?`,
  })
}
