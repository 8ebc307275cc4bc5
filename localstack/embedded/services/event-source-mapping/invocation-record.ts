import { randomUUID } from 'node:crypto'
import type { InvocationResult } from '../lambda/invocation.ts'
import type { GiveUpCondition, Part } from './decide.ts'
import { toKinesisEvent, type EventOrigin } from './kinesis-event.ts'

/** What the record of a discarded batch contains. */
export type GivenUp = {
  readonly discarded: Part
  readonly condition: GiveUpCondition
  /** The last invocation with these records; `undefined` if there was none. */
  readonly lastResult: InvocationResult | undefined
  readonly origin: EventOrigin
  readonly functionArn: string
  /** Of the event source mapping. */
  readonly uuid: string
  /** Unix milliseconds. */
  readonly now: number
}

/** The object that Lambda writes to an S3 on-failure destination, with the whole event as `payload`. */
export function toInvocationRecord(givenUp: GivenUp): { readonly key: string; readonly body: string } {
  const { discarded, condition, lastResult, origin, functionArn, uuid, now } = givenUp
  const timestamp = new Date(now).toISOString()
  const { records } = discarded
  const body = {
    requestContext: {
      requestId: lastResult?.requestId ?? randomUUID(),
      functionArn,
      condition,
      approximateInvokeCount: discarded.invocations,
    },
    ...(lastResult && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        functionError: lastResult.type === 'error' ? 'Unhandled' : null,
      },
    }),
    version: '1.0',
    timestamp,
    KinesisBatchInfo: {
      shardId: origin.shardId,
      startSequenceNumber: records.at(0)?.sequenceNumber,
      endSequenceNumber: records.at(-1)?.sequenceNumber,
      approximateArrivalOfFirstRecord: isoTime(records.at(0)?.arrivedAt),
      approximateArrivalOfLastRecord: isoTime(records.at(-1)?.arrivedAt),
      batchSize: records.length,
      streamArn: origin.streamArn,
    },
    payload: JSON.stringify(toKinesisEvent(records, origin)),
  }
  return { key: keyOf({ uuid, shardId: origin.shardId, timestamp }), body: JSON.stringify(body) }
}

/** `aws/lambda/<uuid>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<random uuid>`, as AWS documents. */
function keyOf(parts: { readonly uuid: string; readonly shardId: string; readonly timestamp: string }) {
  const day = parts.timestamp.slice(0, 10).replaceAll('-', '/')
  const second = parts.timestamp.slice(0, 19).replaceAll(':', '.')
  return `aws/lambda/${parts.uuid}/${parts.shardId}/${day}/${second}-${randomUUID()}`
}

function isoTime(milliseconds: number | undefined) {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString()
}
