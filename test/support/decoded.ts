import { createTickParser } from '../../functions/aggregator/decode.ts'
import type { ParsedRecord } from '../../functions/aggregator/parsed-record.ts'
import { parseBatch } from '../../functions/shared/streams/consume.ts'
import { kinesisRecord } from './kinesis-event.ts'

/** How a record comes. */
type Arrival = {
  readonly partitionKey: string
  /** Unix milliseconds. */
  readonly arrivedAt: number
  readonly allowsNonPositive?: boolean
}

/** The event record of bytes, which need not be text. */
function eventOf(data: string | Uint8Array, { partitionKey, arrivedAt }: Arrival) {
  const made = kinesisRecord({ data: '', partitionKey, sequence: 0, arrivedAt })
  return { ...made, kinesis: { ...made.kinesis, data: Buffer.from(data).toString('base64') } }
}

/** What the parser of the stream `ticks` makes of the data of one record. */
export function decoded(data: string | Uint8Array, arrival: Arrival): ParsedRecord[] {
  const records = [eventOf(data, arrival)]
  const parse = createTickParser(records, () => arrival.allowsNonPositive ?? false)
  const { readable, unreadable } = parseBatch(records, parse)
  if (unreadable.length > 0) throw new Error(`unreadable: ${unreadable[0]?.reason}`)
  return readable.map(({ item }) => item)
}
