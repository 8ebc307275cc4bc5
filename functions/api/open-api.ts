import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'

import { ALERTS_PATHS } from './alerts-paths.ts'
import type { Served } from './endpoint.ts'
import examples from './examples.json' with { type: 'json' }
import { FORMATS, isBinary } from './formats/formats.ts'
import { JOBS_PATHS } from './jobs-paths.ts'
import { PROBLEM_TYPE, problemSchema } from './http/problem.ts'

const PROBLEMS = {
  400: 'A parameter is wrong: which, its value, and what is allowed',
  401: 'The API key is missing or wrong',
  404: 'There is no such path',
  405: 'Anything but GET and HEAD',
  429: 'More requests than the usage plan allows; Retry-After says for how long',
  500: 'A fault of the API',
  503: 'The database is away, or the request took too long',
} as const

/** What lists are given as, beside JSON. */
const FILES = Object.fromEntries(
  Object.values(FORMATS).flatMap(({ mediaType }) =>
    mediaType === FORMATS.json.mediaType ? [] : [[mediaType, { schema: fileSchema(mediaType) }]],
  ),
)

function fileSchema(mediaType: string): z.ZodType {
  return isBinary(mediaType) ? z.string().openapi({ format: 'binary' }) : z.string()
}

/** By path: parameters, and what the API answers to them. */
const EXAMPLES = new Map<string, Example>(Object.entries(examples))
type Example = { readonly parameters: Readonly<Record<string, string>>; readonly answer: unknown }

const SECURITY = [{ apiKey: [] }]

/** The OpenAPI document of the API. */
export function describeApi(endpoints: readonly Served[]) {
  const app = new OpenAPIHono()
  const { openAPIRegistry: registry } = app
  registry.registerComponent('securitySchemes', 'apiKey', { type: 'apiKey', in: 'header', name: 'x-api-key' })
  for (const endpoint of endpoints) registry.registerPath(routeOf(endpoint))
  for (const path of [...JOBS_PATHS, ...ALERTS_PATHS]) registry.registerPath(path)
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'TickStock',
      version: '1',
      description:
        'Exact 1-minute bars, indicators and patterns, to read; jobs and alerts, for operators. Times are UTC; a bar is labelled by its start. The paths that clients of Alpaca and Massive ask are in docs/clients.md.',
    },
    // Beside this document's own path, whatever stage or host is in front of it.
    servers: [{ url: '..' }],
  })
}

function routeOf({ path, summary, description, parameters, answer, lists }: Served) {
  const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
  const example = EXAMPLES.get(path)
  const part = (isWanted: (name: string) => boolean) =>
    z.object(
      Object.fromEntries(
        Object.entries(parameters.shape)
          .filter(([name]) => isWanted(name))
          .map(([name, schema]) => [name, withExample(schema, example?.parameters[name])]),
      ),
    )
  return createRoute({
    method: 'get',
    path,
    summary,
    description,
    tags: [path.split('/')[2] ?? ''],
    security: SECURITY,
    request: {
      ...(inPath.size > 0 && { params: part((name) => inPath.has(name)) }),
      query: part((name) => !inPath.has(name)),
    },
    responses: {
      200: {
        description: 'What was asked for',
        content: {
          'application/json': { schema: answer, example: example?.answer },
          ...(lists === 'rows' && FILES),
        },
      },
      304: { description: 'What the client has is still true' },
      ...Object.fromEntries(
        Object.entries(PROBLEMS).map(([status, text]) => [
          status,
          {
            description: text,
            content: {
              [PROBLEM_TYPE]: { schema: problemSchema },
              ...(status === '503' && path === '/v1/health' && { 'application/json': { schema: answer } }),
            },
          },
        ]),
      ),
    },
  })
}

/** A parameter with its value in the example. */
function withExample(schema: z.core.$ZodType, example: string | undefined): z.core.$ZodType {
  return example === undefined || !(schema instanceof z.ZodType)
    ? schema
    : schema.openapi({ param: { example } })
}
