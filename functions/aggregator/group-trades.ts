import type { KinesisStreamRecord } from 'aws-lambda'

import { countOf, type TradeRun } from '../domain/trade.ts'
import type { RejectedRecord } from '../shared/dead-letters/dead-letters.ts'
import type { Rejection } from '../shared/dead-letters/rejection.ts'
import type { Parsed } from '../shared/streams/consume.ts'
import { arrivalOf, shardOf } from '../shared/streams/record-origin.ts'
import { isSingle, SingleTrades } from './single-trades.ts'
import type { ParsedRecord } from './parsed-record.ts'

/** A batch of the stream `ticks` by symbol; within a symbol in the order of the shard. */
type DecodedBatch = {
  readonly runs: ReadonlyMap<string, readonly TradeRun[]>
  readonly rejected: readonly RejectedRecord[]
}

/** The runs of a symbol, and the records of single trades that follow them. */
type OfSymbol = { readonly runs: TradeRun[]; singles: Parsed<ParsedRecord>[] }

/** Groups the trades of parsed records by symbol, and collects the rejections. */
export function groupTrades(records: readonly Parsed<ParsedRecord>[]): DecodedBatch {
  const symbols = new Map<string, OfSymbol>()
  const singles = new SingleTrades(records.length)
  const rejected = new Map<KinesisStreamRecord, Rejection[]>()
  let last: KinesisStreamRecord | undefined
  for (const [place, parsed] of records.entries()) {
    const { record, item } = parsed
    const isContinued = record === last
    last = record
    if (item.rejections.length > 0) {
      const others = rejected.get(record)
      if (others === undefined) rejected.set(record, [...item.rejections])
      else for (const rejection of item.rejections) others.push(rejection)
    }
    if (countOf(item.trades) === 0) continue
    let ofSymbol = symbols.get(item.symbol)
    if (ofSymbol === undefined) {
      ofSymbol = { runs: [], singles: [] }
      symbols.set(item.symbol, ofSymbol)
    }
    if (isSingle(item) && !isContinued && records[place + 1]?.record !== record) {
      ofSymbol.singles.push(parsed)
      continue
    }
    endSingles(ofSymbol, singles)
    const { runs } = ofSymbol
    runs.push(runOf(record, item, isContinued ? leaveOpen(runs, record) : 0))
  }
  const runs = new Map<string, readonly TradeRun[]>()
  for (const [symbol, ofSymbol] of symbols) {
    endSingles(ofSymbol, singles)
    runs.set(symbol, ofSymbol.runs)
  }
  return { runs, rejected: [...rejected].map(([record, rejections]) => ({ record, rejections })) }
}

/** Makes runs of the single trades: one where that can be. */
function endSingles(ofSymbol: OfSymbol, together: SingleTrades): void {
  const { runs, singles } = ofSymbol
  if (singles.length === 0) return
  ofSymbol.singles = []
  const run = together.runOf(singles)
  if (run !== undefined) runs.push(run)
  else for (const { record, item } of singles) runs.push(runOf(record, item, 0))
}

function runOf(record: KinesisStreamRecord, item: ParsedRecord, skipped: number): TradeRun {
  const { producer, line, type, trades, replacements } = item
  return {
    shard: shardOf(record),
    sequenceNumber: record.kinesis.sequenceNumber,
    arrivedAt: arrivalOf(record),
    producer,
    line,
    type,
    skipped,
    trades,
    replacements,
    isLast: true,
  }
}

/**
 * Records that were put together may hold several of one symbol: they count as one, taken in chunks. Marks the last run as
 * such a chunk, if it is of the record; the trades before the next.
 */
function leaveOpen(runs: TradeRun[], record: KinesisStreamRecord): number {
  const before = runs.at(-1)
  if (before?.sequenceNumber !== record.kinesis.sequenceNumber) return 0
  runs[runs.length - 1] = { ...before, isLast: false }
  return (before.skipped ?? 0) + countOf(before.trades)
}
