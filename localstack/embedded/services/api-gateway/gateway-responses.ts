import type { HttpResponse } from '../../http/message.ts'
import type { KeyVerdict } from './api-keys.ts'
import type { AuthorizerVerdict } from './authorizer.ts'
import type { RestApi } from './rest-api.ts'

/** The responses that API Gateway gives by itself, as it gives them when a template says nothing of them. */
export const defaultResponses = {
  INVALID_API_KEY: { status: 403, error: 'ForbiddenException', message: 'Forbidden' },
  UNAUTHORIZED: { status: 401, error: 'UnauthorizedException', message: 'Unauthorized' },
  ACCESS_DENIED: {
    status: 403,
    error: 'AccessDeniedException',
    message: 'User is not authorized to access this resource',
  },
  /** Not a type of its own: an ACCESS_DENIED with another message. */
  EXPLICITLY_DENIED: {
    status: 403,
    error: 'AccessDeniedException',
    message: 'User is not authorized to access this resource with an explicit deny',
  },
  AUTHORIZER_FAILURE: { status: 500, error: 'AuthorizerFailureException', message: null },
  AUTHORIZER_CONFIGURATION_ERROR: {
    status: 500,
    error: 'AuthorizerConfigurationException',
    message: null,
  },
  MISSING_AUTHENTICATION_TOKEN: {
    status: 403,
    error: 'MissingAuthenticationTokenException',
    message: 'Missing Authentication Token',
  },
  THROTTLED: { status: 429, error: 'TooManyRequestsException', message: 'Too Many Requests' },
  QUOTA_EXCEEDED: { status: 429, error: 'LimitExceededException', message: 'Limit Exceeded' },
  INTEGRATION_TIMEOUT: {
    status: 504,
    error: 'InternalServerErrorException',
    message: 'Endpoint request timed out',
  },
  BAD_REQUEST_PARAMETERS: { status: 400, error: 'BadRequestException', message: 'Bad Request' },
  REQUEST_TOO_LARGE: {
    status: 413,
    error: 'RequestTooLargeException',
    message: 'Request Entity Too Large',
  },
  /** Also when Lambda refuses the invocation, as it does when it throttles. */
  API_CONFIGURATION_ERROR: {
    status: 500,
    error: 'InternalServerErrorException',
    message: 'Internal server error',
  },
  DEFAULT_5XX: { status: 502, error: 'InternalServerErrorException', message: 'Internal server error' },
} as const

export type GatewayResponseType = keyof typeof defaultResponses

/** The responses to a request without a key that is valid and within its limits. */
export const keyResponses = {
  unknown: 'INVALID_API_KEY',
  throttled: 'THROTTLED',
  'over-quota': 'QUOTA_EXCEEDED',
} as const satisfies Record<Exclude<KeyVerdict['type'], 'allowed'>, GatewayResponseType>

/** The responses to a request that an authorizer does not allow. */
export const authorizerResponses = {
  unauthorized: 'UNAUTHORIZED',
  denied: 'ACCESS_DENIED',
  'explicitly-denied': 'EXPLICITLY_DENIED',
  failed: 'AUTHORIZER_FAILURE',
  misconfigured: 'AUTHORIZER_CONFIGURATION_ERROR',
} as const satisfies Record<Exclude<AuthorizerVerdict['type'], 'allowed'>, GatewayResponseType>

/** The response of that type: the API's own, or that of its class (`DEFAULT_4XX`, `DEFAULT_5XX`), or the default. */
export function gatewayResponse(api: RestApi, type: GatewayResponseType): HttpResponse {
  const { status, error, message } = defaultResponses[type]
  const named = type === 'EXPLICITLY_DENIED' ? 'ACCESS_DENIED' : type
  const own = api.responses.get(named) ?? api.responses.get(`DEFAULT_${String(status).slice(0, 1)}XX`)
  const body = own?.body ?? '{"message":$context.error.messageString}'
  return {
    status: own?.statusCode ?? status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': error, ...own?.headers },
    body: body
      .replaceAll('$context.error.messageString', JSON.stringify(message))
      .replaceAll('$context.error.message', message ?? '')
      .replaceAll('$context.error.responseType', named),
  }
}
