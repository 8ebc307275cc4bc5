import { Hono } from 'hono'
import { cors } from 'hono/cors'

import { failureKind } from '../shared/postgres/errors.ts'
import { DOCS_POLICY, docsPage } from './docs-page.ts'
import type { Sources } from './endpoint.ts'
import { ENDPOINTS } from './endpoints.ts'
import { respondWith } from './http/etag.ts'
import { BadRequestError, methodNotAllowed, problem, PROBLEM_TYPE } from './http/problem.ts'
import { describeApi } from './open-api.ts'
import { STATEMENT_TIMEOUT_MS, WriterRoleError } from './read-session.ts'

export type AppDeps = Sources & {
  /** Origins that browsers may call from; `*` for all. */
  readonly corsOrigins: readonly string[]
  readonly logError: (message: string, error: unknown) => void
  readonly measure: (request: Measured) => void
}

/** Needs no key and changes with a deployment only. */
const DESCRIPTION = { 'cache-control': 'public, max-age=300', vary: 'accept-encoding' }

/** What is measured of a request. */
export type Measured = {
  readonly milliseconds: number
  /** 1 when it was answered with a problem of 5xx. That the bars are unhealthy is an answer, not a failure. */
  readonly failures: 0 | 1
}

/** The API, from request to response. */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    const started = deps.now()
    await next()
    deps.measure({ milliseconds: deps.now() - started, failures: isFailure(context.res) ? 1 : 0 })
  })
  if (deps.corsOrigins.length > 0) app.use(corsFrom(deps.corsOrigins))
  const description = describeApi(ENDPOINTS)
  const json = JSON.stringify(description)
  app.get('/v1/openapi.json', (context) =>
    respondWith(context, json, { contentType: 'application/json', headers: DESCRIPTION }),
  )
  const page = docsPage(description)
  app.get('/docs', async (context) =>
    respondWith(context, String(await page), {
      contentType: 'text/html; charset=utf-8',
      headers: { ...DESCRIPTION, 'content-security-policy': DOCS_POLICY },
    }),
  )
  for (const { path, serve } of ENDPOINTS)
    app.get(path.replaceAll(/\{(\w+)\}/g, ':$1'), (context) => serve(context, deps))
  for (const path of app.routes.filter(({ method }) => method === 'GET').map((route) => route.path))
    app.all(path, ({ req }) => methodNotAllowed(req.method, req.path))
  app.notFound(({ req }) =>
    problem('not-found', `There is no ${req.path}; /v1/openapi.json lists what there is.`),
  )
  app.onError((error) => toProblem(error, deps))
  return app
}

function isFailure({ status, headers }: Response): boolean {
  return status >= 500 && headers.get('content-type') === PROBLEM_TYPE
}

function corsFrom(origins: readonly string[]) {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD'],
    allowHeaders: ['x-api-key', 'accept', 'if-none-match'],
    exposeHeaders: ['etag', 'x-next-page-token', 'retry-after'],
    maxAge: 3600,
  })
}

/** What its sender may know of an error; the rest is logged. */
function toProblem(error: Error, { logError }: AppDeps): Response {
  if (error instanceof BadRequestError)
    return problem('bad-parameter', error.message, { errors: error.parameters })
  const kind = failureKind(error)
  if (kind === 'cancelled') {
    logError('a statement took too long', error)
    return problem(
      'too-slow',
      `The database was given ${STATEMENT_TIMEOUT_MS / 1000} s and did not finish: ask for fewer symbols or a shorter time.`,
    )
  }
  if (kind === 'unavailable' || kind === 'credentials' || error instanceof WriterRoleError) {
    logError('the database cannot be read', error)
    return problem('unavailable', 'The database cannot be reached; try again in a moment.', {
      headers: { 'retry-after': '5' },
    })
  }
  logError('a request failed by our own fault', error)
  return problem('internal', 'This is a fault of the API, not of the request; it was logged.')
}
