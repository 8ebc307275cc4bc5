import { MAX_KINESIS_RECORD_BYTES, MAX_PARTITION_KEY_LENGTH } from '../../feed/kinesis-port.ts'
import { MAX_BYTES_PER_PUT, MAX_RECORDS_PER_PUT } from '../../functions/shared/streams/ordered-queues.ts'
import type { PutOutcome, PutRecord, PutResult } from '../../feed/kinesis-port.ts'
import type { StreamHarness } from './stream-harness.ts'

/** A stream in memory with the limits of PutRecords. */
export function fakeKinesis(stream = 'ticks'): StreamHarness {
  const stored: PutRecord[] = []
  let throttled: ((record: PutRecord) => boolean) | undefined

  function put(record: PutRecord): PutOutcome {
    if (throttled?.(record) === true) {
      return { type: 'failed', code: 'ProvisionedThroughputExceededException', message: 'Rate exceeded.' }
    }
    stored.push({ partitionKey: record.partitionKey, data: record.data.slice() })
    return { type: 'accepted' }
  }

  return {
    stream,
    kinesis: {
      putRecords: async (name, records) => {
        if (name !== stream) return refused('ResourceNotFoundException', `Stream ${name} not found.`)
        const fault = faultOf(records)
        if (fault !== undefined) return refused('ValidationException', fault)
        return { type: 'answered', outcomes: records.map(put) }
      },
    },
    throttle: (fails) => {
      throttled = fails
    },
    read: () => stored,
    stop: async () => undefined,
  }
}

function refused(code: string, message: string): PutResult {
  return { type: 'refused', code, message }
}

function faultOf(records: readonly PutRecord[]): string | undefined {
  const sizes = records.map(({ data, partitionKey }) => data.length + Buffer.byteLength(partitionKey))
  const keys = records.map(({ partitionKey }) => partitionKey.length)
  if (records.length < 1 || records.length > MAX_RECORDS_PER_PUT) return `${records.length} records`
  if (sizes.some((size) => size > MAX_KINESIS_RECORD_BYTES)) return `a record of ${Math.max(...sizes)} bytes`
  if (sizes.reduce((sum, size) => sum + size, 0) > MAX_BYTES_PER_PUT) return 'too many bytes'
  if (keys.some((length) => length < 1 || length > MAX_PARTITION_KEY_LENGTH)) return 'a bad partition key'
  return undefined
}
