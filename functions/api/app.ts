import { Hono } from 'hono'
import { cors } from 'hono/cors'

import { COMPATIBLE, NO_SUCH_PATHS } from './compatible/endpoints.ts'
import { DOCS_POLICY, docsPage } from './docs-page.ts'
import { ENDPOINTS } from './endpoints.ts'
import { respondWith } from './http/etag.ts'
import { failureOf, type Reported } from './http/failure.ts'
import { methodNotAllowed, problem, PROBLEM_TYPE } from './http/problem.ts'
import { describeApi } from './open-api.ts'
import { health } from './status/health.ts'

export type AppDeps = Reported & {
  /** Origins that browsers may call from; `*` for all. */
  readonly corsOrigins: readonly string[]
  readonly measure: (request: Measured) => void
}

/** Needs no key and changes with a deployment only. */
const DESCRIPTION = { 'cache-control': 'public, max-age=300', vary: 'accept-encoding' }

/** What is measured of a request. */
export type Measured = {
  readonly milliseconds: number
  /** 1 when it was answered with an error of 5xx. That the bars are unhealthy is an answer, not a failure. */
  readonly failures: 0 | 1
}

/** The API, from request to response. */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    const started = deps.now()
    await next()
    const failed = isFailure(context.req.path, context.res)
    deps.measure({ milliseconds: deps.now() - started, failures: failed ? 1 : 0 })
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
  for (const { path, serve } of [...ENDPOINTS, ...COMPATIBLE])
    app.get(path.replaceAll(/\{(\w+)\}/g, ':$1'), (context) => serve(context, deps))
  for (const path of app.routes.filter(({ method }) => method === 'GET').map((route) => route.path))
    app.all(path, ({ req }) => methodNotAllowed(req.method, req.path))
  for (const { path, answer } of NO_SUCH_PATHS) app.all(path, answer)
  app.notFound(({ req }) =>
    problem('not-found', `There is no ${req.path}; /v1/openapi.json lists what there is.`),
  )
  app.onError((error) => {
    const { kind, detail, ...rest } = failureOf(error, deps.logError)
    return problem(kind, detail, rest)
  })
  return app
}

function isFailure(path: string, { status, headers }: Response): boolean {
  const isAnswer = path === health.path && headers.get('content-type') !== PROBLEM_TYPE
  return status >= 500 && !isAnswer
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
