/** Limits as AWS documents them; bytes count data and partition key. */
export const limits = {
  /** One record. AWS lets a stream raise this to 10 MiB since 2025; this server keeps the default. */
  recordBytes: 1024 * 1024,
  putRecords: 500,
  putRecordsBytes: 5 * 1024 * 1024,
  partitionKeyLength: 256,
  getRecords: 10_000,
  getRecordsBytes: 10 * 1024 * 1024,
  /** Milliseconds that a shard iterator or a page token can be used. */
  iteratorLifetime: 300_000,
  listShards: 10_000,
  describeShards: 10_000,
  /** Shards of a stream without `ShardCount` in on-demand mode. */
  onDemandShards: 4,
  shards: 10_000,
  retentionHours: { min: 24, max: 8760 },
} as const
