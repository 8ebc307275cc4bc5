import type { Refusal } from '../../http/answer.ts'
import type { HttpRequest, HttpResponse } from '../../http/message.ts'
import type { Connection } from './connection.ts'
import { limits } from './limits.ts'

const collection = '/@connections/'

/** Whether a path behind a stage, decoded, is one of the management API. */
export function isManagementPath(path: string): boolean {
  return path.startsWith(collection)
}

/**
 * The API through which a backend posts to connections, asks for them and closes them (`@connections`); `path` is what
 * follows the stage, decoded. As everywhere in this runtime, signatures are not checked.
 */
export function manageConnection(
  { method, body }: HttpRequest,
  path: string,
  find: (connectionId: string) => Connection | undefined,
): HttpResponse {
  const id = path.slice(collection.length)
  if (!/^[\w-]+={1,2}$/.test(id)) return failed(400, 'BadRequestException', `Invalid connectionId: ${id}`)
  const connection = find(id)
  if (connection === undefined) return failed(410, 'GoneException', 'Gone')
  switch (method) {
    case 'POST':
      return post(connection, body)
    case 'GET':
      return json(described(connection))
    case 'DELETE':
      connection.close(1000, 'Connection Closed Normally')
      return { status: 204 }
    default:
      return failed(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token')
  }
}

/** How a request is refused before it reaches a connection. */
export function managementRefusal({ status, message }: Refusal): HttpResponse {
  if (status === 413)
    return failed(413, 'PayloadTooLargeException', `A message may have ${limits.messageBytes} bytes.`)
  return failed(status, 'BadRequestException', message)
}

/** How a request of someone who may not make it is refused. */
export function managementDenial(message: string): HttpResponse {
  return failed(403, 'AccessDeniedException', message)
}

function post(connection: Connection, body: Buffer): HttpResponse {
  if (connection.send(body) === 'sent') return { status: 200 }
  return failed(429, 'LimitExceededException', 'The client does not read; its connection is closed.')
}

function described({ context, lastActiveAt }: Connection) {
  return {
    connectedAt: new Date(context.connectedAt).toISOString(),
    identity: { sourceIp: context.identity.sourceIp, userAgent: context.identity.userAgent ?? '' },
    lastActiveAt: new Date(lastActiveAt()).toISOString(),
  }
}

function json(value: unknown): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  }
}

function failed(status: number, type: string, message: string): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
    body: JSON.stringify({ message }),
  }
}
