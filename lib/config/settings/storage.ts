import { onOff, wholeNumber } from '../field-types.ts'

/** How long bars, rejected trades and the archive are kept. */
export const storageSettings = {
  /**
   * How long bars are kept in the database, in days.
   * @default 3650
   */
  barRetentionDays: wholeNumber({ min: 1, max: 36_500 }).default(3650),
  /**
   * Days for which partitions are made ahead.
   * @default 14
   */
  partitionDaysAhead: wholeNumber({ min: 1, max: 366 }).default(14),
  /**
   * How long the dead-letter bucket keeps what was rejected, in days.
   * @default 90
   */
  deadLetterDays: wholeNumber({ min: 1, max: 3650 }).default(90),
  /**
   * The archiver, which writes every trade to Parquet objects in a bucket of its own; `off` leaves both out.
   * @default on
   */
  archive: onOff().default('on'),
  /**
   * How long the archiver batches trades, in seconds: the longer, the fewer and larger its objects. Lambda calls it earlier
   * when 10,000 records or 6 MB have come.
   * @default 60; 10 in `local`
   */
  archiveWindowSeconds: wholeNumber({ min: 0, max: 300 }).default(60),
  /**
   * Whether the small objects of an hour of the archive are merged into one, an hour after the last of them.
   * @default on
   */
  archiveCompaction: onOff().default('on'),
  /**
   * Days after which S3 moves an object of the archive to Glacier Instant Retrieval, where storage costs a sixth and reading
   * more; 0 never.
   * @default 0
   */
  archiveGlacierDays: wholeNumber({ min: 0, max: 36_500 }).default(0),
  /**
   * Days after which an object of the archive is deleted; 0 never.
   * @default 0
   */
  archiveDays: wholeNumber({ min: 0, max: 36_500 }).default(0),
  /**
   * Days after which an export is deleted.
   * @default 7
   */
  exportDays: wholeNumber({ min: 1, max: 365 }).default(7),
  /**
   * Tasks of jobs that run at the same time, of all jobs together: each is a call of the rebuilder.
   * @default 2
   */
  jobConcurrency: wholeNumber({ min: 1, max: 20 }).default(2),
}
