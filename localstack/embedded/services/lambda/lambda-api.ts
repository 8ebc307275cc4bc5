import { randomUUID } from 'node:crypto'
import type { EndpointAccess } from '../../service.ts'
import { lambdaAccessOf } from './access.ts'
import type { FunctionHost } from './function-host.ts'
import type { FunctionDefinition } from './function-sandbox.ts'
import type { Refusal } from '../../http/answer.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../../http/message.ts'

/** The path of Lambda's HTTP API, which distinguishes its requests from those of S3. */
export const lambdaPath = '/2015-03-31/functions'

/**
 * What a request to Invoke may have: 6 MB, or 1 MB if nobody waits for its result.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const payloadBytes = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024 } as const

/** How requests are refused that no function sees. */
export const lambdaLimits = {
  maxBodyBytes: payloadBytes.RequestResponse,
  refuse: ({ status, message }: Refusal): HttpResponse =>
    status === 413
      ? tooLarge('RequestResponse')
      : failed(
          status,
          status === 400 ? 'InvalidRequestContentException' : 'RequestTimeoutException',
          message,
        ),
} as const

/**
 * What requests need by IAM, and how Lambda says that they are not allowed.
 * @param arnPrefix `arn:aws:lambda:region:account:function:`
 */
export function lambdaAccess(arnPrefix: string): EndpointAccess {
  return {
    needed: (request) => lambdaAccessOf(request, arnPrefix),
    deny: (message) => failed(403, 'AccessDeniedException', message),
  }
}

function tooLarge(type: keyof typeof payloadBytes): HttpResponse {
  const message = `Request must be smaller than ${payloadBytes[type]} bytes for the InvokeFunction operation`
  return failed(413, 'RequestTooLargeException', message)
}

/** Lambda's HTTP API: Invoke (`RequestResponse`, `Event`, `DryRun`), ListFunctions, GetFunction, GetFunctionConfiguration. */
export function lambdaApi(
  host: FunctionHost,
  { send }: { readonly send: (name: string, event: unknown) => void },
): HttpHandler {
  return async (request) => {
    if (/^\/2015-03-31\/functions\/?$/.test(request.path)) return listed(host)
    const match = /^\/2015-03-31\/functions\/(?<name>[^/]+)(?<action>\/invocations|\/configuration)?$/.exec(
      request.path,
    )
    const wanted = decodeURIComponent(match?.groups?.['name'] ?? '')
    const method = match?.groups?.['action'] === '/invocations' ? 'POST' : 'GET'
    // A link or an image must not invoke anything.
    if (match === null || request.method !== method)
      return failed(
        404,
        'UnknownOperationException',
        'Supported here: Invoke, ListFunctions, GetFunction and GetFunctionConfiguration.',
      )
    const name = host.find(wanted)
    if (name === undefined) return failed(404, 'ResourceNotFoundException', `Function not found: ${wanted}`)
    const action = match.groups?.['action']
    if (action === undefined) return json({ Configuration: configurationOf(host.definition(name)) })
    if (action === '/configuration') return json(configurationOf(host.definition(name)))
    const event = eventOf(request)
    if (event === undefined) return failed(400, 'InvalidRequestContentException', 'The payload is not JSON.')
    switch (request.headers['x-amz-invocation-type'] ?? 'RequestResponse') {
      case 'RequestResponse':
        return await invoked(host, name, event.value)
      case 'Event':
        if (request.body.length > payloadBytes.Event) return tooLarge('Event')
        send(name, event.value)
        return { status: 202, headers: requestIdHeader() }
      case 'DryRun':
        return { status: 204, headers: requestIdHeader() }
      default:
        return failed(
          400,
          'InvalidParameterValueException',
          'Invocation type: RequestResponse, Event or DryRun.',
        )
    }
  }
}

function eventOf({ body }: HttpRequest): { readonly value: unknown } | undefined {
  try {
    return { value: body.length === 0 ? {} : JSON.parse(body.toString()) }
  } catch {
    return undefined
  }
}

async function invoked(host: FunctionHost, name: string, event: unknown): Promise<HttpResponse> {
  const result = await host.invoke(name, event)
  const failure = result.type === 'error'
  if (failure && result.error.errorType === 'TooManyRequestsException')
    return failed(429, result.error.errorType, result.error.errorMessage)
  return {
    status: 200,
    headers: {
      ...requestIdHeader(result.requestId),
      'x-amz-executed-version': '$LATEST',
      ...(failure ? { 'x-amz-function-error': 'Unhandled' } : {}),
    },
    body: JSON.stringify(failure ? result.error : result.payload),
  }
}

function json(value: unknown): HttpResponse {
  return {
    status: 200,
    headers: requestIdHeader(),
    body: JSON.stringify(value),
  }
}

function listed(host: FunctionHost): HttpResponse {
  return json({ Functions: host.names().map((name) => configurationOf(host.definition(name))) })
}

function configurationOf(definition: FunctionDefinition) {
  return {
    FunctionName: definition.name,
    FunctionArn: definition.arn,
    Handler: definition.handler,
    MemorySize: definition.memoryMb,
    Timeout: definition.timeoutSeconds,
    Environment: { Variables: definition.declared ?? {} },
    Version: '$LATEST',
    State: 'Active',
    LastUpdateStatus: 'Successful',
  }
}

function failed(status: number, type: string, message: string): HttpResponse {
  return {
    status,
    headers: { ...requestIdHeader(), 'x-amzn-errortype': type },
    body: JSON.stringify({ Type: 'User', Message: message, message }),
  }
}

function requestIdHeader(requestId: string = randomUUID()) {
  return {
    'content-type': 'application/json',
    'x-amzn-requestid': requestId,
  }
}
