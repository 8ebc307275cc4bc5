import type {
  APIGatewayProxyResultV2,
  APIGatewayProxyWebsocketEventV2,
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
} from 'aws-lambda'

import { partialBatchResponse } from '../shared/streams/partial-batch-response.ts'
import { answerMessage } from './answer.ts'
import { broadcast, type FailedPost } from './broadcast.ts'
import type { BroadcasterDeps } from './deps.ts'

/** What a batch or message came to; latencies in milliseconds. */
export type BroadcasterMeasures = {
  /** Undefined when it was not looked. */
  readonly connections: number | undefined
  readonly messages: number
  readonly failed: number
  readonly latencies: readonly number[]
}

/** What of the telemetry is in use. */
export type BroadcasterTelemetry = {
  readonly measure: (measures: BroadcasterMeasures) => void
  readonly logger: Record<
    'warn' | 'error',
    (message: string, details: Readonly<Record<string, unknown>>) => void
  >
}

/** What of an event of a WebSocket API is in use. */
export type RouteEvent = Pick<APIGatewayProxyWebsocketEventV2, 'body' | 'isBase64Encoded'> & {
  readonly requestContext: Pick<
    APIGatewayProxyWebsocketEventV2['requestContext'],
    'eventType' | 'connectionId'
  >
}

/** API Gateway ends a connection after two hours; the margin is for clocks that differ. */
const LIFE_SECONDS = 2 * 3600 + 300

/**
 * The function as a consumer of `bars` and `signals`. The batch is done when each record was sent to all who want it;
 * who could not be sent to is cut off.
 *
 * @throws when the table fails: the whole batch is to come again
 */
export function createBroadcast(
  deps: BroadcasterDeps,
  telemetry: BroadcasterTelemetry,
): (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse> {
  const { measure, logger } = telemetry
  return async ({ Records }) => {
    const { failed, unreadable, ...sent } = await broadcast(deps, Records)
    if (unreadable > 0)
      logger.warn('records cannot be broadcast; the bar-writer puts them aside', { unreadable })
    for (const each of failed) tellFailure(telemetry, each)
    measure({ ...sent, failed: failed.length })
    return partialBatchResponse({ firstFailure: undefined })
  }
}

/**
 * The function as the routes `$connect`, `$disconnect` and `$default` of a WebSocket API.
 *
 * @throws when the table fails: a connection is refused, a message answered by API Gateway with an error
 */
export function createRoutes(
  deps: BroadcasterDeps,
  telemetry: BroadcasterTelemetry,
): (event: RouteEvent) => Promise<APIGatewayProxyResultV2> {
  return async ({ requestContext: { eventType, connectionId: id }, body = '', isBase64Encoded }) => {
    switch (eventType) {
      case 'CONNECT':
        await deps.store.add(id, { expiresAt: Math.floor(deps.now() / 1000) + LIFE_SECONDS })
        break
      case 'DISCONNECT':
        await deps.store.remove(id)
        break
      case 'MESSAGE': {
        const text = isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body
        const { errors } = await answerMessage(deps, { id, text })
        for (const error of errors) tellFailure(telemetry, { connectionId: id, error })
        const messages = errors.length === 0 ? 1 : 0
        telemetry.measure({ connections: undefined, messages, failed: errors.length, latencies: [] })
        break
      }
    }
    return { statusCode: 200 }
  }
}

function tellFailure({ logger }: BroadcasterTelemetry, { connectionId, error }: FailedPost): void {
  logger.error(
    'a message could not be sent, or the connection not be ended; its client is to connect again',
    {
      connectionId,
      error,
    },
  )
}
