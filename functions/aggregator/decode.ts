import { isSymbol, type TradeRun } from '../domain/trade.ts'
import type { RejectedRecord } from '../shared/dead-letters/dead-letters.ts'
import type { Parsed, ParseRecord } from '../shared/streams/consume.ts'
import { type ParsedRecord, parseTicks } from './parse-ticks.ts'
import { TickScanner } from './scan-ticks.ts'

/** A batch of the stream `ticks` by symbol; within a symbol in the order of the shard. */
export type DecodedBatch = {
  readonly runs: ReadonlyMap<string, readonly TradeRun[]>
  readonly rejected: readonly RejectedRecord[]
}

/**
 * The parser of the stream `ticks`: the fast scanner, and the careful reader for what the scanner does not read. It never
 * throws: what is wrong with a record is among its rejections, since the rest of the record may be good.
 */
export function createTickParser(): ParseRecord<ParsedRecord> {
  const scanner = new TickScanner()
  const validKeys = new Set<string>()
  const isValidKey = (key: string): boolean => {
    if (validKeys.has(key)) return true
    if (!isSymbol(key)) return false
    validKeys.add(key)
    return true
  }
  return (payload, { kinesis }) => {
    const { partitionKey } = kinesis
    const origin = { partitionKey, arrivedAt: arrivalOf(kinesis) }
    const plain = isValidKey(partitionKey) ? scanner.scan(payload.bytes, payload.length, origin) : undefined
    return plain ?? parseTicks(payload.text(), origin)
  }
}

/** Groups the trades of parsed records by symbol, and collects the rejections. */
export function groupTrades(records: readonly Parsed<ParsedRecord>[]): DecodedBatch {
  const runs = new Map<string, TradeRun[]>()
  const rejected: RejectedRecord[] = []
  for (const { record, item } of records) {
    const { symbol, producer, trades, rejections } = item
    if (rejections.length > 0) rejected.push({ record, rejections })
    if (trades.length === 0) continue
    const run = {
      sequenceNumber: record.kinesis.sequenceNumber,
      arrivedAt: arrivalOf(record.kinesis),
      producer,
      trades,
    }
    const others = runs.get(symbol)
    if (others === undefined) runs.set(symbol, [run])
    else others.push(run)
  }
  return { runs, rejected }
}

/** Unix milliseconds at which the stream took a record. */
function arrivalOf({
  approximateArrivalTimestamp,
}: {
  readonly approximateArrivalTimestamp: number
}): number {
  return Math.round(approximateArrivalTimestamp * 1000)
}
