import type { IncomingMessage, ServerResponse } from 'node:http'

import { messageOf } from 'embedded-aws/errors'

import { type Answer, json, problem, RefusedError, send } from './answer.ts'
import type { Backend } from './backend.ts'
import { refuseForeign, refuseUnasked } from './own-request.ts'
import { proxyToApi } from './proxy-api.ts'
import { routeOf, serveRoute, wrongMethod } from './routes.ts'
import { isOfAlerts, serveAlerts } from './alerts.ts'
import { isOfJobs, serveJobs } from './jobs.ts'
import { isSameSecret, type Sessions } from './sessions.ts'
import { pleaseSignIn, sessionOf, signedOut, signIn } from './sign-in.ts'

/** What the server answers from. */
export type State = {
  readonly sessions: Sessions
  /** Whoever knows it may ask for one-time addresses. */
  readonly secret: string
  readonly newAddress: () => string
  /** The files of the page by path. */
  readonly pages: Promise<ReadonlyMap<string, Answer>>
  /** Undefined until the deployment is up. */
  readonly backend: () => Backend | undefined
  readonly onError: (error: unknown) => void
}

/** Answers a request. */
export async function respond(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = urlOf(request)
    const answer = refuseForeign(request) ?? (await answerTo(state, request, { url, response }))
    if (answer !== undefined) send(response, answer)
  } catch (error) {
    if (error instanceof RefusedError) return send(response, error.answer)
    if (request.destroyed && !request.complete) return
    state.onError(error)
    send(response, failed(error))
  }
}

type Asked = { readonly url: URL; readonly response: ServerResponse }

/** Undefined when the API answers. */
async function answerTo(state: State, request: IncomingMessage, asked: Asked): Promise<Answer | undefined> {
  const { sessions } = state
  const { method = 'GET' } = request
  const { pathname, searchParams } = asked.url
  if (pathname === '/sign-in-addresses') return newAddress(state, request)
  const key = searchParams.get('key')
  if (pathname === '/' && key !== null && method === 'GET') return signIn(sessions, request, key)
  const session = sessionOf(sessions, request)
  if (session === undefined) return pleaseSignIn()
  const refusal = isReadMethod(method) ? undefined : refuseUnasked(request)
  if (refusal !== undefined) return refusal
  if (pathname === '/session/end') {
    if (method !== 'POST') return wrongMethod(method, pathname, 'POST')
    sessions.end(session)
    return signedOut(request)
  }
  return await answerToSignedIn(state, request, asked)
}

async function answerToSignedIn(
  { pages, backend: backendOf }: State,
  request: IncomingMessage,
  { url, response }: Asked,
): Promise<Answer | undefined> {
  const { method = 'GET' } = request
  const { pathname, search } = url
  if (pathname === '/docs') return isReadMethod(method) ? toApiView : wrongMethod(method, pathname, 'GET')
  const isOfApi = pathname.startsWith('/v1/')
  const route = routeOf(pathname)
  if (!isOfApi && route === undefined) {
    const file = (await pages).get(pathname)
    if (file === undefined) return notFound(pathname)
    return isReadMethod(method) ? file : wrongMethod(method, pathname, 'GET')
  }
  const backend = backendOf()
  if (backend === undefined) return starting()
  if (route !== undefined) return await serveRoute(route, { request, url, backend })
  // With a key of its own, a request is that of a program, and the API decides what it may.
  if (isOfJobs(pathname) && request.headers['x-api-key'] === undefined)
    return await serveJobs({ request, url, backend })
  if (isOfAlerts(pathname) && request.headers['x-api-key'] === undefined)
    return await serveAlerts({ request, url, backend })
  proxyToApi(backend.api, request, { path: `${pathname}${search}`, response })
  return undefined
}

/** The page shows the API in a view of its own. */
const toApiView: Answer = { status: 302, headers: { location: '/#/api', 'cache-control': 'no-store' } }

function isReadMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** For `tickstock dashboard`, which reads the secret in the data folder. */
function newAddress({ newAddress: make, secret }: State, request: IncomingMessage): Answer {
  const { origin, authorization = '' } = request.headers
  if (request.method !== 'POST') return wrongMethod(request.method ?? '', '/sign-in-addresses', 'POST')
  // No page sends it.
  const isRight = origin === undefined && isSameSecret(authorization, `Bearer ${secret}`)
  if (isRight) return json({ address: make() })
  return problem(401, 'wrong-secret', {
    title: 'The secret is wrong',
    detail: 'the header Authorization needs the secret of this start; npx tickstock dashboard sends it',
  })
}

/**
 * The path and parameters of a request, with dots resolved; whatever host it names.
 *
 * @throws RefusedError when it names no path
 */
export function urlOf({ url = '' }: IncomingMessage): URL {
  const isPath = url.startsWith('/') && !/^\/[/\\]/.test(url)
  const parsed = isPath ? URL.parse(url, 'http://localhost') : null
  if (parsed !== null) return parsed
  throw new RefusedError(
    problem(400, 'bad-request', {
      title: 'The request is wrong',
      detail: 'the request target is no path that begins with one slash',
    }),
  )
}

/** The answer while the deployment starts. */
export function starting(): Answer {
  return problem(503, 'starting', {
    title: 'TickStock is starting',
    detail: 'TickStock is starting: ask again in a moment',
    headers: { 'retry-after': '1' },
  })
}

export function notFound(path: string): Answer {
  return problem(404, 'not-found', {
    title: 'There is no such resource',
    detail: `there is no ${path}`,
  })
}

function failed(error: unknown): Answer {
  return problem(500, 'internal', {
    title: 'The dashboard is at fault',
    detail: `the dashboard is at fault, not the request: ${messageOf(error)}`,
  })
}
