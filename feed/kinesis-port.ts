/** A record as it is put: the partition key decides the shard, and so the order among records with that key. */
export type PutRecord = { readonly partitionKey: string; readonly data: Uint8Array }

/** What became of one record of a put. */
export type PutOutcome =
  | { readonly type: 'accepted' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }

/**
 * What became of a put as a whole. `answered` has one outcome per record, in the same order. `unavailable`
 * (throttled, a server error, a broken connection, a time-out) does not tell whether the records got in.
 * `refused` will not succeed by trying again.
 */
export type PutResult =
  | { readonly type: 'answered'; readonly outcomes: readonly PutOutcome[] }
  | { readonly type: 'unavailable'; readonly code: string; readonly message: string }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }

/** The part of Kinesis that the feed needs. */
export type KinesisPort = {
  putRecords(stream: string, records: readonly PutRecord[]): Promise<PutResult>
}

/** Records that one PutRecords call takes. */
export const MAX_RECORDS_PER_PUT = 500

/** Bytes of data and partition keys in one PutRecords call: below the 5 MiB limit even as base64. */
export const MAX_BYTES_PER_PUT = 3_750_000

/** Bytes of data and partition key that Kinesis takes in one record. */
export const MAX_KINESIS_RECORD_BYTES = 1_048_576

/** Characters of a partition key. */
export const MAX_PARTITION_KEY_LENGTH = 256
