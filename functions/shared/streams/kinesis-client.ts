import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'

import type { PutRecords } from './put-in-order.ts'

/** A Kinesis client over HTTP/1.1: LocalStack and MiniStack do not support the SDK's default for Kinesis, HTTP/2. */
export function createKinesisClient(): KinesisClient {
  return new KinesisClient({ requestHandler: new NodeHttpHandler() })
}

/** `PutRecords` of a client. */
export function putRecordsWith(client: KinesisClient): PutRecords {
  return (stream, records) => client.send(new PutRecordsCommand({ StreamName: stream, Records: records }))
}
