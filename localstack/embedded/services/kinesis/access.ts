import * as z from 'zod'
import type { Access } from '../../access.ts'
import { denied, operationOf, parsedJson } from '../../http/json-service.ts'
import type { EndpointAccess } from '../../service.ts'
import { streamOfIterator } from './shard-iterator.ts'

const addressSchema = z.object({
  StreamName: z.string().optional(),
  StreamARN: z.string().optional(),
  ShardIterator: z.string().optional(),
})

/** Actions that IAM grants for all streams or none. */
const OF_NO_STREAM = new Set(['ListStreams', 'DescribeLimits'])

/**
 * What requests to Kinesis need: the action that is named as the operation, on its stream.
 * @param arnOf the ARN of a stream, by its name
 */
export function kinesisAccess(arnOf: (stream: string) => string): EndpointAccess {
  return {
    needed: ({ headers, body }): readonly Access[] => {
      const operation = operationOf(headers)
      const action = `kinesis:${operation}`
      if (OF_NO_STREAM.has(operation)) return [{ action, resource: '*' }]
      const { StreamName, StreamARN, ShardIterator } = parsedJson(addressSchema, body) ?? {}
      const named = StreamName ?? (ShardIterator && streamOfIterator(ShardIterator))
      const resource = StreamARN ?? (named && arnOf(named))
      return resource === undefined || resource === '' ? [] : [{ action, resource }]
    },
    deny: (message) => denied(message, { type: 'AccessDeniedException' }),
  }
}
