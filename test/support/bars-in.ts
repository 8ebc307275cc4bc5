import type { KinesisStreamRecord } from 'aws-lambda'

import { linesOf } from '../../functions/shared/streams/lines.ts'
import { type BarRecord, parseBarRecord } from '../../functions/shared/streams/records.ts'

/** The bars of a record of the stream `bars`, a line each. */
export function barsIn({ kinesis }: Pick<KinesisStreamRecord, 'kinesis'>): BarRecord[] {
  return linesOf(Buffer.from(kinesis.data, 'base64').toString()).map(parseBarRecord)
}
