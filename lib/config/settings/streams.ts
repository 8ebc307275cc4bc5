import * as z from 'zod'

import { wholeNumber } from '../field-types.ts'

/** The streams, and what becomes of a record that fails. */
export const streamsSettings = {
  /**
   * `provisioned` pays per shard and hour; `on-demand` per GB, and scales automatically.
   * @default provisioned
   */
  streamMode: z.enum(['provisioned', 'on-demand']).default('provisioned'),
  /**
   * Shards of the stream `ticks` when provisioned; one takes 1 MB or 1,000 records a second. A deployment may at most
   * double them, or halve them; Kinesis refuses more at once.
   * @default 2
   */
  tickShards: wholeNumber({ min: 1, max: 500 }).default(2),
  /**
   * Shards of the stream `bars` when provisioned.
   * @default 1
   */
  barShards: wholeNumber({ min: 1, max: 500 }).default(1),
  /**
   * Shards of the stream `signals` when provisioned.
   * @default 1
   */
  signalShards: wholeNumber({ min: 1, max: 500 }).default(1),
  /**
   * How long the streams keep a record, in hours: the time to repair a failure. Above 24 costs extra.
   * @default 24
   */
  streamRetentionHours: wholeNumber({ min: 24, max: 8760 }).default(24),
  /**
   * Retries of a failing record by the aggregator and the analytics, before it is dead-lettered and its shard continues.
   * An unavailable DynamoDB and a flag turned off fail every record, and count: so set it only while a record blocks its
   * shard. The bar-writer retries until maxRecordAgeHours in any case: its database may be unavailable for long.
   * @default none: until maxRecordAgeHours
   */
  maxRetries: wholeNumber({ min: 1, max: 10_000 }).optional(),
  /**
   * Age at which a record that cannot be processed is dead-lettered, in hours.
   * @default an hour less than streamRetentionHours, at the most 168 (Lambda's limit)
   */
  maxRecordAgeHours: wholeNumber({ min: 1, max: 168 }).optional(),
  /**
   * Instances of the bar-writer that may run at once, each with one connection to the database: at least one for each of the
   * `barShards` and `signalShards`; 0 reserves nothing.
   * A new AWS account, whose limit is 10 in all, refuses any reservation.
   * @default 0; 20 in `prod`
   */
  barWriterConcurrency: wholeNumber({ min: 0, max: 500 }).default(0),
}
