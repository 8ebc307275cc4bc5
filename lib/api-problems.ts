import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway'

const PROBLEMS = [
  {
    type: ResponseType.INVALID_API_KEY,
    kind: 'bad-key',
    status: 401,
    title: 'The API key is missing or wrong',
    detail: 'Send the key of a usage plan in the header x-api-key.',
  },
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    kind: 'not-found',
    status: 404,
    title: 'There is no such resource',
    detail: 'Everything lies below /v1; /v1/openapi.json lists it.',
  },
  {
    type: ResponseType.THROTTLED,
    kind: 'too-many-requests',
    status: 429,
    title: 'Too many requests',
    detail: 'The rate of the usage plan is reached; try again in a second.',
  },
  {
    type: ResponseType.QUOTA_EXCEEDED,
    kind: 'quota-exceeded',
    status: 429,
    title: 'Too many requests today',
    detail: 'The daily quota of the usage plan is used up; it begins anew at midnight UTC.',
  },
  {
    type: ResponseType.DEFAULT_5XX,
    kind: 'unavailable',
    status: 503,
    title: 'The API does not answer',
    detail: 'Try again in a moment.',
  },
]

/** Lets API Gateway's own errors be problem documents (RFC 9457), as those of the function are. */
export function addProblems(rest: RestApi): void {
  for (const { type, kind, status, title, detail } of PROBLEMS)
    rest.addGatewayResponse(kind, {
      type,
      statusCode: String(status),
      responseHeaders: { 'Content-Type': "'application/problem+json'" },
      templates: {
        'application/json': JSON.stringify({ type: `urn:tickstock:${kind}`, title, status, detail }),
      },
    })
}
