/**
 * What AWS and our own settings allow. Quotas are those of a new account; `hard` ones AWS does not raise. Written down without access
 * to AWS: check against https://docs.aws.amazon.com before a decision hangs on one.
 */
export const LIMITS = {
  asOf: 'November 2026',
  kinesis: {
    /** Hard, of a shard. */
    recordsPerShard: 1000,
    bytesPerShard: 1_000_000,
    /** Quota, of an account in us-east-1, us-west-2 and eu-west-1; a tenth or less elsewhere. */
    shards: 20_000,
  },
  lambda: {
    /** Quota, of an account. */
    concurrency: 1000,
  },
  dynamodb: {
    /** What a new table on demand takes at once; it doubles with use, or is warmed before. */
    firstWrites: 4000,
    firstReads: 12_000,
    /** Quota, of a table on demand. */
    tableWrites: 40_000,
  },
  apiGateway: {
    /** Quota, of an account and region: requests to the management API among them. */
    requests: 10_000,
  },
  rds: {
    /** Hard, of gp3 storage for Postgres. */
    storageGib: 65_536,
  },
} as const
