/**
 * Where records of a feed at full speed end, beside their number of ticks: nobody bills the records of this machine, and each
 * call of a part costs more than the trades in it.
 */
export const LARGE_RECORDS = { maxRecordBytes: 1_000_000, maxBufferedTicks: 300_000 } as const
