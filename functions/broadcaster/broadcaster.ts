import type {
  APIGatewayProxyResultV2,
  APIGatewayProxyWebsocketEventV2,
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
} from 'aws-lambda'

import { LIVE_PROTOCOL, offeredProtocols } from '../shared/access/live-protocol.ts'
import { logReadFaults } from '../shared/streams/read-faults.ts'
import { answerMessage } from './answer.ts'
import { endOfLife } from './connection-life.ts'
import { broadcast, type FailedPost } from './broadcast.ts'
import { broadcastTicks, type LiveDeps, type SentLive } from './broadcast-ticks.ts'
import type { BroadcasterDeps } from './deps.ts'

/** What a batch or message came to; latencies in milliseconds. */
export type BroadcasterMeasures = {
  /** Undefined when the table was not read whole. */
  readonly connections: number | undefined
  readonly messages: number
  readonly failed: number
  /** Records that a fault of our own kept from being read. */
  readonly faults: number
  readonly latencies: readonly number[]
}

/** The part of the telemetry that is used. */
export type BroadcasterTelemetry = {
  readonly measure: (measures: BroadcasterMeasures) => void
  readonly logger: Record<
    'warn' | 'error',
    (message: string, details: Readonly<Record<string, unknown>>) => void
  >
}

/** The part of an event of a WebSocket API that is used. */
export type RouteEvent = Pick<APIGatewayProxyWebsocketEventV2, 'body' | 'isBase64Encoded'> & {
  /** Those of the handshake; a message has none. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  readonly requestContext: Pick<
    APIGatewayProxyWebsocketEventV2['requestContext'],
    'eventType' | 'connectionId'
  >
}

/**
 * The function as a consumer of `bars` and `signals`. The batch is done when each record was sent to all its subscribers;
 * a connection on which a message could not be sent is ended.
 *
 * @throws when the table fails: the whole batch is redelivered
 */
export function createBroadcast(
  deps: BroadcasterDeps,
  telemetry: BroadcasterTelemetry,
): (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse> {
  const { measure, logger } = telemetry
  return async ({ Records }) => {
    const { response, unreadable, ...sending } = await broadcast(deps, Records)
    if (unreadable.length > 0)
      logger.warn(
        'records cannot be broadcast; the bar-writer dead-letters those that it cannot read either',
        {
          unreadable: unreadable.length,
        },
      )
    for (const each of sending.failed) logFailure(telemetry, each)
    measure({ ...sending, failed: sending.failed.length, faults: logReadFaults(unreadable, logger) })
    return response
  }
}

/** The part of the telemetry of live ticks that is used. */
export type LiveTelemetry = Pick<BroadcasterTelemetry, 'logger'> & {
  readonly measureLive: (measures: SentLive) => void
}

/**
 * The function as a consumer of `ticks`, which keeps nothing waiting: it never fails a batch. What it cannot send is
 * dropped and counted.
 *
 * @param isOn whether the flags let it send; what comes while they do not is dropped too
 */
export function createLiveBroadcast(
  deps: LiveDeps,
  { measureLive, logger }: LiveTelemetry,
  isOn: () => Promise<boolean>,
): (event: KinesisStreamEvent) => Promise<void> {
  return async ({ Records }) => {
    try {
      if (await isOn()) measureLive(await broadcastTicks(deps, Records))
    } catch (error) {
      logger.error('a batch of live ticks is dropped', { records: Records.length, error })
      measureLive({ sent: 0, dropped: 1 })
    }
  }
}

/**
 * The function as the routes `$connect`, `$disconnect` and `$default` of a WebSocket API.
 *
 * @throws when the table fails: API Gateway refuses the connection, or answers the message with an error
 */
export function createRoutes(
  deps: BroadcasterDeps,
  telemetry: BroadcasterTelemetry,
): (event: RouteEvent) => Promise<APIGatewayProxyResultV2> {
  return async ({ requestContext, headers = {}, body = '', isBase64Encoded }) => {
    const { eventType, connectionId: id } = requestContext
    switch (eventType) {
      case 'CONNECT':
        await deps.store.add(id, { expiresAt: endOfLife(deps.now()) })
        // A browser that offers protocols takes no connection without one of them.
        if (offeredProtocols(headers).includes(LIVE_PROTOCOL))
          return { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': LIVE_PROTOCOL } }
        break
      case 'DISCONNECT':
        await deps.store.remove(id)
        break
      case 'MESSAGE': {
        const text = isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body
        const { errors } = await answerMessage(deps, { id, text })
        for (const error of errors) logFailure(telemetry, { connectionId: id, error })
        const messages = errors.length === 0 ? 1 : 0
        telemetry.measure({
          connections: undefined,
          messages,
          failed: errors.length,
          faults: 0,
          latencies: [],
        })
        break
      }
    }
    return { statusCode: 200 }
  }
}

function logFailure({ logger }: BroadcasterTelemetry, { connectionId, error }: FailedPost): void {
  logger.error('a message could not be sent, or its connection not be ended; the client has to reconnect', {
    connectionId,
    error,
  })
}
