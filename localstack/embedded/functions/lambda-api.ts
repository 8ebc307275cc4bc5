import { randomUUID } from 'node:crypto'
import type { FunctionHost } from './function-host.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../http.ts'

/** Where the HTTP API of Lambda lives: the path tells its requests from those of S3. */
export const lambdaPath = '/2015-03-31/functions'

/** Lambda's HTTP API: Invoke (`RequestResponse`, `Event`, `DryRun`), ListFunctions, GetFunction and what waits for it. */
export const lambdaApi =
  (
    host: FunctionHost,
    {
      arnPrefix,
      send,
    }: { readonly arnPrefix: string; readonly send: (name: string, event: unknown) => void },
  ): HttpHandler =>
  async (request) => {
    if (/^\/2015-03-31\/functions\/?$/.test(request.path)) return listed(host.names(), arnPrefix)
    const match = /^\/2015-03-31\/functions\/(?<name>[^/]+)(?<action>\/invocations)?$/.exec(request.path)
    const wanted = decodeURIComponent(match?.groups?.['name'] ?? '')
    if (match === null)
      return failed(
        404,
        'UnknownOperationException',
        `Lambda here knows Invoke, ListFunctions and GetFunction.`,
      )
    const name = host.find(wanted)
    if (name === undefined) return failed(404, 'ResourceNotFoundException', `Function not found: ${wanted}`)
    if (match.groups?.['action'] === undefined) return described(name, arnPrefix)
    const event = eventOf(request)
    if (event === undefined) return failed(400, 'InvalidRequestContentException', 'The payload is not JSON.')
    switch (request.headers['x-amz-invocation-type'] ?? 'RequestResponse') {
      case 'RequestResponse':
        return await invoked(host, name, event.value)
      case 'Event':
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

const eventOf = ({ body }: HttpRequest): { readonly value: unknown } | undefined => {
  try {
    return { value: body.length === 0 ? {} : JSON.parse(body.toString()) }
  } catch {
    return undefined
  }
}

const invoked = async (host: FunctionHost, name: string, event: unknown): Promise<HttpResponse> => {
  const result = await host.invoke(name, event)
  const failure = result.type === 'error'
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

const described = (name: string, arnPrefix: string): HttpResponse => ({
  status: 200,
  headers: requestIdHeader(),
  body: JSON.stringify({ Configuration: configurationOf(name, arnPrefix) }),
})

const listed = (names: readonly string[], arnPrefix: string): HttpResponse => ({
  status: 200,
  headers: requestIdHeader(),
  body: JSON.stringify({ Functions: names.map((name) => configurationOf(name, arnPrefix)) }),
})

const configurationOf = (name: string, arnPrefix: string) => ({
  FunctionName: name,
  FunctionArn: `${arnPrefix}${name}`,
  Version: '$LATEST',
  State: 'Active',
  LastUpdateStatus: 'Successful',
})

const failed = (status: number, type: string, message: string): HttpResponse => ({
  status,
  headers: { ...requestIdHeader(), 'x-amzn-errortype': type },
  body: JSON.stringify({ Type: 'User', Message: message, message }),
})

const requestIdHeader = (requestId: string = randomUUID()) => ({
  'content-type': 'application/json',
  'x-amzn-requestid': requestId,
})
