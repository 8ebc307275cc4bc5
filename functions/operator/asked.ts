import * as z from 'zod'

/** The path below which the part answers. */
const OPERATIONS = '/v1/operations'

/** What the authorizer has said of who asks, as API Gateway hands it on, and the request. */
const eventSchema = z.object({
  httpMethod: z.string(),
  path: z.string(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
  queryStringParameters: z.record(z.string(), z.string().optional()).nullish(),
  requestContext: z.object({
    authorizer: z.object({ principalId: z.string(), role: z.string(), name: z.string() }),
  }),
})

/** A request of somebody whom the authorizer has let in. */
export type Asked = {
  readonly method: string
  /** Below `OPERATIONS`. */
  readonly path: string
  readonly parameters: Readonly<Record<string, string | undefined>>
  readonly body: string
  readonly isOperator: boolean
  /** For the record: the name that the issuer gives the person, and the identity that never changes. */
  readonly who: string
}

/** @throws when the authorizer was not asked before */
export function readAsked(event: unknown): Asked {
  const { httpMethod, path, body, isBase64Encoded, queryStringParameters, requestContext } =
    eventSchema.parse(event)
  const { principalId, role, name } = requestContext.authorizer
  const text = body ?? ''
  return {
    method: httpMethod,
    path: path.startsWith(OPERATIONS) ? path.slice(OPERATIONS.length) : path,
    parameters: queryStringParameters ?? {},
    body: isBase64Encoded ? Buffer.from(text, 'base64').toString('utf8') : text,
    isOperator: role === 'operator',
    who: name === principalId ? name : `${name} (${principalId})`,
  }
}
