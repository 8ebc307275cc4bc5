import type { RefusedReason, RefusedTrade, Rules } from '../domain/event.ts'
import type { RejectedRecord } from '../shared/dead-letters/dead-letters.ts'
import type { Rejection } from '../shared/dead-letters/rejection.ts'
import { shardOf } from '../shared/streams/record-origin.ts'
import type { Parsed } from '../shared/streams/consume.ts'
import type { ParsedRecord } from './parsed-record.ts'
import { sentTradesOf } from './sent-trades.ts'

/** The trades that the state refuses, as rejections of the records that contained them. */
export function refusedRecords(
  refused: ReadonlyMap<string, readonly RefusedTrade[]>,
  { parsed, rules }: { readonly parsed: readonly Parsed<ParsedRecord>[]; readonly rules: Rules },
): RejectedRecord[] {
  if (refused.size === 0) return []
  const found = new Map<string, RefusedOf[]>()
  for (const [symbol, trades] of refused)
    for (const trade of trades) {
      const key = keyOf(trade.run.shard, trade.run.sequenceNumber)
      const others = found.get(key)
      if (others === undefined) found.set(key, [{ symbol, trade }])
      else others.push({ symbol, trade })
    }
  const items = Map.groupBy(parsed, ({ record }) => record)
  return [...items].flatMap(([record, ofRecord]) => {
    const ofThis = found.get(keyOf(shardOf(record), record.kinesis.sequenceNumber))
    if (ofThis === undefined) return []
    const sentTrade = sentTradesOf(
      record,
      ofRecord.map(({ item }) => item),
    )
    const rejections = ofThis.map(({ symbol, trade }): Rejection => {
      const { run, index: place, reason } = trade
      const { index, ...sent } = sentTrade(symbol, (run.skipped ?? 0) + place)
      const detail = detailOf(symbol, trade, rules)
      return { reason, detail, index: run.type === 'trade' ? index : undefined, ...sent }
    })
    return [{ record, rejections }]
  })
}

type RefusedOf = { readonly symbol: string; readonly trade: RefusedTrade }

function keyOf(shard: string, sequenceNumber: string): string {
  return `${shard} ${sequenceNumber}`
}

function detailOf(symbol: string, { reason, behindSeconds, run }: RefusedTrade, rules: Rules): string {
  const behind = `the trade is ${Math.max(0, behindSeconds).toFixed(3)} s older than the newest trade of ${symbol}, and its bar is closed`
  const details: Readonly<Record<RefusedReason, string>> = {
    'too-late': `${behind}; raise the allowed lateness or send it sooner`,
    'corrections-off': `${behind}; turn the flag late-corrections on, and redrive it while it is less than ${rules.latenessSeconds} s behind`,
    finalized: `${behind}; the bar was finalized before the allowed lateness was raised, and does not change`,
    'too-many-sources': `source ${JSON.stringify(run.producer?.source)} is one more than ${symbol} may have within the lateness; use fewer sources at a time, and redrive it later`,
    'too-many-lines': `line ${JSON.stringify(run.line?.name)} is one more than ${symbol} may have within the lateness; use fewer lines`,
    'too-many-shards': `${run.shard} is one shard more than ${symbol} may come on within the lateness; put it with its symbol as partition key`,
    'too-many-changes': `${symbol} has had more cancels and corrections within the lateness than are remembered; redrive it later`,
    'unknown-trade': `the trade that this ${run.type} names is in no bar of ${symbol} at its time; send the timestamp of the trade`,
  }
  return details[reason]
}
