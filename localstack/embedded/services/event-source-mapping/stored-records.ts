import type { StoredRecord } from '../kinesis/stream-reader.ts'

/** Records 0, 1, 2, ... of a shard, one each millisecond, the first at `arrivedAt`. */
export function storedRecords(count: number, arrivedAt = 0): readonly StoredRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    sequenceNumber: `49${String(index).padStart(54, '0')}`,
    partitionKey: 'key',
    data: Buffer.from(`${index}`),
    arrivedAt: arrivedAt + index,
  }))
}
