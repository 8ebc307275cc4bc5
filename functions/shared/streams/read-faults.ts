import { shardOf } from './record-origin.ts'
import type { Unreadable } from './consume.ts'

/** The part of a logger that is used. */
type FaultLog = { error(message: string, details: Readonly<Record<string, unknown>>): void }

/** Logs each record that a fault of our own code kept from being read, and returns how many there are. */
export function logReadFaults(unreadable: readonly Unreadable[], log: FaultLog): number {
  const faults = unreadable.filter(({ fault }) => fault !== undefined)
  for (const { record, fault } of faults)
    log.error('a fault of TickStock kept a record from being read; its neighbours were processed', {
      error: fault,
      stream: record.eventSourceARN.split('/').at(-1),
      shard: shardOf(record),
      sequenceNumber: record.kinesis.sequenceNumber,
      partitionKey: record.kinesis.partitionKey,
    })
  return faults.length
}
