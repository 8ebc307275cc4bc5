/** A record of a shard. */
export type StoredRecord = {
  readonly sequenceNumber: string
  readonly partitionKey: string
  readonly data: Uint8Array
  /** Unix milliseconds at which the stream took the record. */
  readonly arrivedAt: number
}

/** A shard of a stream; `parentShardIds` holds one id after a split, two after a merge, none otherwise. */
type Shard = {
  readonly shardId: string
  readonly parentShardIds: readonly string[]
  /** A closed shard takes no more records: it was split or merged. */
  readonly closed: boolean
}

/** The side of a stream that a consumer sees. */
export type StreamReader = {
  listShards(stream: string): readonly Shard[]
  /**
   * Up to `limit` records after `afterSequenceNumber` (exclusive), oldest first;
   * `undefined` starts at the oldest record still retained.
   */
  read(
    stream: string,
    shardId: string,
    options: { readonly afterSequenceNumber: string | undefined; readonly limit: number },
  ): readonly StoredRecord[]
  /** The position after the newest record of a shard (what `LATEST` means). */
  latest(stream: string, shardId: string): string
  /** Calls `listener` after records were appended or shards changed; returns the unsubscription. */
  subscribe(stream: string, listener: () => void): () => void
}
