import * as z from 'zod'

import { type PutRecords, putInOrder } from '../streams/put-in-order.ts'
import type { NewRecord } from './as-new-tick.ts'
import { type Bucket, JOURNAL } from './bucket.ts'

/** A record and the stream that it goes to. */
export type JournalRecord = NewRecord & { readonly stream: string }

type JournalDeps = { readonly bucket: Bucket; readonly put: PutRecords }

const journalSchema = z.object({
  keys: z.array(z.string()),
  records: z.array(z.object({ stream: z.string(), partitionKey: z.string(), dataBase64: z.string() })),
})

/** Records what is about to be put, and the objects to delete after that. */
export async function writeJournal(
  { bucket }: JournalDeps,
  { keys, records }: { readonly keys: readonly string[]; readonly records: readonly JournalRecord[] },
): Promise<void> {
  const noted = records.map(({ stream, partitionKey, data }) => ({
    stream,
    partitionKey,
    dataBase64: Buffer.from(data).toString('base64'),
  }))
  await bucket.write(JOURNAL, JSON.stringify({ keys, records: noted }))
}

/**
 * Puts what the journal holds, if there is one, and deletes it with the objects that it came from.
 *
 * @param counts receives how many records were put, by stream
 * @returns the keys of the objects
 */
export async function finishJournal(
  { bucket, put }: JournalDeps,
  counts: Map<string, number>,
): Promise<readonly string[]> {
  const text = await bucket.read(JOURNAL)
  if (text === undefined) return []
  const { keys, records } = journalSchema.parse(JSON.parse(text))
  for (const [stream, ofStream] of Map.groupBy(records, (record) => record.stream)) {
    const byKey = Map.groupBy(ofStream, ({ partitionKey }) => partitionKey)
    const queues = [...byKey].map(([partitionKey, ofKey]): [string, Uint8Array[]] => [
      partitionKey,
      ofKey.map(({ dataBase64 }) => Buffer.from(dataBase64, 'base64')),
    ])
    await putInOrder(put, stream, new Map(queues))
    counts.set(stream, (counts.get(stream) ?? 0) + ofStream.length)
  }
  await bucket.delete(keys)
  await bucket.delete([JOURNAL])
  return keys
}
