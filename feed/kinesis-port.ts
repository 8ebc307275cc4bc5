/** A record to put: the partition key decides the shard, and so the order among records with that key. */
export type PutRecord = { readonly partitionKey: string; readonly data: Uint8Array }

/** The result of one record of a put. */
export type PutOutcome =
  | { readonly type: 'accepted' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }

/**
 * The result of a put as a whole. `answered` has one outcome per record, in the same order. After `unavailable`
 * (throttled, a server error, a broken connection, a time-out) the records may or may not be on the stream. A retry
 * after `refused` cannot succeed.
 */
export type PutResult =
  | { readonly type: 'answered'; readonly outcomes: readonly PutOutcome[] }
  | { readonly type: 'unavailable'; readonly code: string; readonly message: string }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }

/** The part of Kinesis that the feed uses. */
export type KinesisPort = {
  putRecords(stream: string, records: readonly PutRecord[]): Promise<PutResult>
}

/** Kinesis's limit for one record: bytes of data and partition key. */
export const MAX_KINESIS_RECORD_BYTES = 1_048_576

/** Characters of a partition key. */
export const MAX_PARTITION_KEY_LENGTH = 256
