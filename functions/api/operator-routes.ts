import { createRoute, z } from '@hono/zod-openapi'

import { PROBLEM_TYPE, problemSchema } from './http/problem.ts'

/** A request that another part than `api` answers, for operators. */
export type OperatorRoute = {
  readonly method: 'get' | 'post' | 'delete'
  readonly path: string
  readonly summary: string
  readonly description: string
  readonly answer: z.ZodType
  readonly example: unknown
  readonly status?: 200 | 201 | 202
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
}

/** Requests of one part, for the OpenAPI document. */
export function operatorRoutes(
  routes: readonly OperatorRoute[],
  {
    tag,
    id,
    body: bodyExample,
    problems,
  }: {
    readonly tag: string
    /** An example of `{id}`. */
    readonly id: string
    /** An example of what is sent. */
    readonly body: unknown
    readonly problems: Readonly<Record<number, string>>
  },
) {
  const ID = z.object({ id: z.string().openapi({ param: { example: id } }) })
  return routes.map(({ method, path, summary, description, answer, example, status = 200, query, body }) =>
    createRoute({
      method,
      path,
      summary,
      description,
      tags: [tag],
      security: [{ apiKey: [] }],
      request: {
        ...(path.includes('{id}') && { params: ID }),
        ...(query && { query }),
        ...(body && {
          body: {
            required: true,
            content: { 'application/json': { schema: body, example: bodyExample } },
          },
        }),
      },
      responses: {
        [status]: {
          description: 'What was asked for',
          content: { 'application/json': { schema: answer, example } },
        },
        ...Object.fromEntries(
          Object.entries(problems).map(([code, text]) => [
            code,
            { description: text, content: { [PROBLEM_TYPE]: { schema: problemSchema } } },
          ]),
        ),
      },
    }),
  )
}
