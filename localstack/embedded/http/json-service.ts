import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import * as z from 'zod'
import { EmbeddedRuntimeError } from '../errors.ts'
import type { Refusal } from './answer.ts'
import type { HttpHandler, HttpResponse } from './message.ts'

/** An answer of a service that says no: `type` is the name that AWS gives the error. */
export class ServiceError extends EmbeddedRuntimeError {
  override readonly name = 'ServiceError'
  readonly type: string
  readonly status: number

  constructor(type: string, message: string, options: { readonly status?: number } = {}) {
    super(message)
    this.type = type
    this.status = options.status ?? 400
  }
}

/** Takes the parsed input of one operation and gives its output. */
export type Operation = (input: unknown) => unknown

/** An operation whose input is checked first; unknown members are errors, since they would have no effect. */
export function operation<Schema extends z.ZodType>(
  schema: Schema,
  run: (input: z.output<Schema>) => unknown,
): Operation {
  return (input) => {
    const parsed = schema.safeParse(input)
    if (!parsed.success) throw new ServiceError('ValidationException', z.prettifyError(parsed.error))
    return run(parsed.data)
  }
}

/** Limits of services that take small requests, and how those of the AWS JSON protocol say that they refuse one. */
export const jsonLimits = {
  maxBodyBytes: 1024 * 1024,
  refuse: ({ status, message }: Refusal): HttpResponse =>
    reply(status, { __type: refusals[status], message }),
} as const

const refusals = {
  400: 'ValidationException',
  408: 'RequestTimeoutException',
  413: 'RequestEntityTooLargeException',
} as const

/** Speaks the AWS JSON 1.1 protocol: the operation is named by `X-Amz-Target`. */
export function jsonService(service: string, operations: Readonly<Record<string, Operation>>): HttpHandler {
  return async ({ headers, body }) => {
    const name = operationOf(headers)
    try {
      const run = Object.hasOwn(operations, name) ? operations[name] : undefined
      if (run === undefined) {
        const known = Object.keys(operations).join(', ')
        throw new ServiceError(
          'UnknownOperationException',
          `${service} does not support ${name} here. Supported: ${known}.`,
        )
      }
      return reply(200, await run(JSON.parse(body.toString() || '{}')))
    } catch (error) {
      if (error instanceof ServiceError) {
        return reply(error.status, { __type: error.type, message: error.message, Message: error.message })
      }
      if (error instanceof SyntaxError) {
        return reply(400, { __type: 'SerializationException', message: error.message })
      }
      throw error
    }
  }
}

/** The operation that a request of the AWS JSON protocol names: `PutItem` of `DynamoDB_20120810.PutItem`. */
export function operationOf(headers: IncomingHttpHeaders): string {
  const target = String(headers['x-amz-target'])
  return target.slice(target.indexOf('.') + 1)
}

/** How services of the AWS JSON protocol say that the caller may not do something. */
export function denied(
  message: string,
  {
    type,
    contentType = 'application/x-amz-json-1.1',
  }: { readonly type: string; readonly contentType?: string },
): HttpResponse {
  const refused = reply(400, { __type: type, Message: message, message })
  return { ...refused, headers: { ...refused.headers, 'content-type': contentType } }
}

/** What a body has of what is wanted; undefined for a body that the service itself refuses. */
export function parsedJson<Schema extends z.ZodType>(
  schema: Schema,
  body: Buffer,
): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(body.toString())).data
  } catch {
    return undefined
  }
}

function reply(status: number, value: unknown): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify(value),
  }
}
