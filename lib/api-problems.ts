import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway'

import { alpacaCode } from '../functions/api/compatible/alpaca/alpaca-code.ts'
import type { Config } from './config/config.ts'

type GatewayProblem = {
  readonly type: ResponseType
  readonly kind: string
  readonly status: number
  readonly title: string
  readonly detail: string
  /** Seconds after which to retry. */
  readonly retryAfter?: number
}

/** The errors that clients meet, and the two defaults for all others. */
const PROBLEMS: readonly GatewayProblem[] = [
  {
    type: ResponseType.INVALID_API_KEY,
    kind: 'bad-key',
    status: 401,
    title: 'The API key is missing or wrong',
    detail: 'No usage plan here has that key; send one that has, as docs/access.md says.',
  },
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    kind: 'not-found',
    status: 404,
    title: 'There is no such resource',
    detail: '/v1/openapi.json lists what there is.',
  },
  {
    type: ResponseType.THROTTLED,
    kind: 'too-many-requests',
    status: 429,
    title: 'Too many requests',
    detail: 'The rate of the usage plan is reached; try again in a second.',
    retryAfter: 1,
  },
  {
    type: ResponseType.QUOTA_EXCEEDED,
    kind: 'quota-exceeded',
    status: 429,
    title: 'Too many requests today',
    detail: 'The daily quota of the usage plan is used up; it begins anew at midnight UTC.',
    retryAfter: 3600,
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    kind: 'too-large',
    status: 413,
    title: 'The request is too large',
    detail: 'Nothing here takes a body; ask for fewer symbols at once.',
  },
  {
    type: ResponseType.DEFAULT_4XX,
    kind: 'refused',
    status: 400,
    title: 'The request cannot be taken',
    detail: 'It is not well-formed, or not allowed; /v1/openapi.json says what is.',
  },
  {
    type: ResponseType.DEFAULT_5XX,
    kind: 'unavailable',
    status: 503,
    title: 'The API does not answer',
    detail: 'Try again in a moment.',
    retryAfter: 5,
  },
]

const NOT_SIGNED_IN: GatewayProblem = {
  type: ResponseType.ACCESS_DENIED,
  kind: 'not-signed-in',
  status: 401,
  title: 'Not signed in',
  detail:
    'Send either an API key in the header x-api-key, or a valid token as Authorization: Bearer, of somebody in the group viewer or operator.',
}

const NO_KEY: GatewayProblem = {
  type: ResponseType.ACCESS_DENIED,
  kind: 'no-key',
  status: 401,
  title: 'There is no API key',
  detail:
    'Send one key, in the header x-api-key, as APCA-API-SECRET-KEY, as Authorization: Bearer or the password of Basic, or as apiKey in the query.',
}

/** How the authorizer fails. */
const PROBLEMS_OF_AUTHORIZER: readonly GatewayProblem[] = [
  ResponseType.AUTHORIZER_FAILURE,
  ResponseType.AUTHORIZER_CONFIGURATION_ERROR,
].map((type, index) => ({
  type,
  kind: index === 0 ? 'sign-in-unavailable' : 'sign-in-broken',
  status: 503,
  title: 'Sign-in cannot be checked',
  detail: 'The issuer of tokens or the function that checks them does not answer; try again in a moment.',
  retryAfter: 5,
}))

/** What is refused, by who may use the API. */
const PROBLEMS_OF: Readonly<Record<Config['access'], readonly GatewayProblem[]>> = {
  keys: PROBLEMS,
  clients: [...PROBLEMS, NO_KEY, ...PROBLEMS_OF_AUTHORIZER],
  people: [...PROBLEMS, NOT_SIGNED_IN, ...PROBLEMS_OF_AUTHORIZER],
}

/**
 * Makes API Gateway's own errors problem documents (RFC 9457), like those of the function; with the members `code` and
 * `message`, which clients of Alpaca read.
 *
 * @param options.access who may use the API
 * @param options.toBrowsers whether web pages call the API: these errors contain no data, so pages of any origin may read them
 */
export function addProblems(
  rest: RestApi,
  { toBrowsers, access }: { readonly toBrowsers: boolean; readonly access: Config['access'] },
): void {
  for (const { type, kind, status, title, detail, retryAfter } of PROBLEMS_OF[access])
    rest.addGatewayResponse(kind, {
      type,
      statusCode: String(status),
      responseHeaders: {
        'Content-Type': "'application/problem+json'",
        ...(retryAfter !== undefined && { 'Retry-After': `'${retryAfter}'` }),
        ...(toBrowsers && {
          'Access-Control-Allow-Origin': "'*'",
          'Access-Control-Expose-Headers': "'retry-after'",
        }),
      },
      templates: {
        'application/json': JSON.stringify({
          type: `urn:tickstock:${kind}`,
          title,
          status,
          detail,
          code: alpacaCode(status),
          message: detail,
        }),
      },
    })
}
