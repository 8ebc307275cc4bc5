import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'

import { LIMITS, limitedHttp } from '../runtime/limited-http.ts'
import type { PutRecords } from './put-in-order.ts'

/** A Kinesis client with time limits. */
export function createKinesisClient(): KinesisClient {
  return new KinesisClient({ requestHandler: limitedHttp(LIMITS.kinesis) })
}

/** `PutRecords` of a client. */
export function putRecordsWith(client: KinesisClient): PutRecords {
  return (stream, records) => client.send(new PutRecordsCommand({ StreamName: stream, Records: records }))
}
