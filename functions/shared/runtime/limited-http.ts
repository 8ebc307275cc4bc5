import { NodeHttpHandler } from '@smithy/node-http-handler'

/** For a connection; all services are in the region. */
const CONNECTION_MS = 1000

export type HttpLimits = {
  /** Until the answer begins, in milliseconds: all attempts take less than the function's time. */
  readonly requestMs: number
  /** Without a byte in either direction, in milliseconds, while a body is sent or received. @default no limit */
  readonly idleMs?: number
}

/**
 * HTTP for a client of the SDK, which has no time limits of its own. A connection that was lost while the function was frozen
 * never answers: without a limit the request would take the whole time of the function. The SDK tries again, on another
 * connection.
 *
 * HTTP/1.1: LocalStack and MiniStack do not support HTTP/2, the SDK's default for Kinesis.
 */
export function limitedHttp({ requestMs, idleMs }: HttpLimits): NodeHttpHandler {
  return new NodeHttpHandler({
    connectionTimeout: CONNECTION_MS,
    requestTimeout: requestMs,
    throwOnRequestTimeout: true,
    ...(idleMs !== undefined && { socketTimeout: idleMs }),
  })
}

/** Of the services that a function calls. */
export const LIMITS = {
  dynamodb: { requestMs: 5000 },
  /** Up to 5 MB. */
  kinesis: { requestMs: 10_000 },
  secretsManager: { requestMs: 5000 },
  /** Small objects: dead letters. */
  s3: { requestMs: 10_000 },
  /** Objects of the archive, of up to some hundred MB. */
  archive: { requestMs: 120_000, idleMs: 15_000 },
  cloudwatch: { requestMs: 5000 },
  ssm: { requestMs: 5000 },
  lambda: { requestMs: 5000 },
  /** Three attempts take less than what an alert may take. */
  sns: { requestMs: 3000 },
  /** A client waits for the authorizer, which has ten seconds in all. */
  tickets: { requestMs: 1000 },
} as const satisfies Readonly<Record<string, HttpLimits>>
