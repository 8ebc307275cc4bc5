import type { KinesisStreamRecord } from 'aws-lambda'

import { type AllowsNonPositive, createTickParser } from '../../../functions/aggregator/decode.ts'
import { inColumns } from '../../../functions/archive/in-columns.ts'
import { rowsByRecord } from '../../../functions/archiver/archive-rows.ts'
import { inArrivalOrder, type Place } from '../../../functions/rebuilder/arrival-order.ts'
import { parseBatch } from '../../../functions/shared/streams/consume.ts'
import { shardOf } from '../../../functions/shared/streams/record-origin.ts'

/** How records of the stream are read. */
export type ReadRecords = {
  readonly allowsNonPositive: AllowsNonPositive
  /** Unix milliseconds when it began. */
  readonly startedAt: number
  /** Is told where the archive ends before the stream begins: it lacks a record of that time, Unix milliseconds. */
  readonly onHole: (arrivedAt: number) => void
}

/** Older records are in the archive, which takes batches of five minutes at the most. */
const ARCHIVED_WITHIN_MS = 900_000

/**
 * Reads rows from records, in the order of arrival.
 *
 * @param archived rows whose records come again: these are left out
 */
export function rowReader(
  { allowsNonPositive, startedAt, onHole }: ReadRecords,
  archived: readonly Place[],
): (records: readonly KinesisStreamRecord[]) => readonly Place[] {
  const known = new Set(archived.map(({ of, at }) => `${of.shard[at]}:${of.sequenceNumber[at]}`))
  const symbols = new Set(archived.map(({ of, at }) => of.symbol[at]))
  let isTold = archived.length === 0
  return (records) => {
    const fresh = records.filter(
      (record) => !known.has(`${shardOf(record)}:${record.kinesis.sequenceNumber}`),
    )
    const { readable } = parseBatch(fresh, createTickParser(fresh, allowsNonPositive))
    const trades = [...rowsByRecord(readable)].flatMap(([, rows]) => rows)
    const missing = trades.find(
      ({ symbol, arrivedAt }) => symbols.has(symbol) && arrivedAt < startedAt - ARCHIVED_WITHIN_MS,
    )
    if (missing !== undefined && !isTold) onHole(missing.arrivedAt)
    isTold ||= missing !== undefined
    const of = inColumns(trades)
    return inArrivalOrder(trades.map((_, at) => ({ of, at })))
  }
}
