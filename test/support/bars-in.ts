import type { KinesisStreamRecord } from 'aws-lambda'

import { type BarRecord, parseBarRecord } from '../../functions/shared/streams/records.ts'

/** The bars of a record of the stream `bars`, a line each. */
export function barsIn({ kinesis }: Pick<KinesisStreamRecord, 'kinesis'>): BarRecord[] {
  return Buffer.from(kinesis.data, 'base64').toString().split('\n').map(parseBarRecord)
}
