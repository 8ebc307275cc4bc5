import type { KinesisStreamRecord } from 'aws-lambda'

import type { ParsedRecord } from '../aggregator/parsed-record.ts'
import type { ArchivedTrade } from '../archive/archived-trade.ts'
import type { Decimal } from '../domain/decimal.ts'
import { sideNamed } from '../domain/side.ts'
import { countOf, NO_ID, type Trade, tradeAt } from '../domain/trade.ts'
import type { Parsed } from '../shared/streams/consume.ts'
import { arrivalOf, shardOf } from '../shared/streams/record-origin.ts'

/** What identifies the rows of a record, and where the next thing that it says stands in it. */
type Origin = Pick<ArchivedTrade, 'shard' | 'sequenceNumber' | 'arrivedAt'> & { readonly from: number }

/** The records of a batch in its order, each with its rows. */
export function* rowsByRecord(
  readable: readonly Parsed<ParsedRecord>[],
): Generator<readonly [KinesisStreamRecord, readonly ArchivedTrade[]]> {
  for (const [record, parsed] of Map.groupBy(readable, (each) => each.record))
    yield [
      record,
      rowsOf(
        record,
        parsed.map(({ item }) => item),
      ),
    ]
}

/**
 * The rows of a record: every trade, cancel and correction that can be read, whatever becomes of it.
 *
 * @param items what was read from the record, in its order
 */
function rowsOf(record: KinesisStreamRecord, items: readonly ParsedRecord[]): ArchivedTrade[] {
  const { sequenceNumber } = record.kinesis
  const origin = { shard: shardOf(record), sequenceNumber, arrivedAt: arrivalOf(record) }
  const rows: ArchivedTrade[] = []
  let from = 0
  for (const item of items) {
    for (const row of rowsOfItem(item, { ...origin, from })) rows.push(row)
    from += countOf(item.trades) + item.rejections.length
  }
  return rows
}

function rowsOfItem(item: ParsedRecord, { from, ...origin }: Origin): ArchivedTrade[] {
  const { symbol, type, trades, rejections, producer, said } = item
  // A trade keeps its place whether or not its neighbours are rejected: a setting may change between two deliveries.
  const rejected = new Set(rejections.map(({ index }) => index))
  let place = from
  return Array.from({ length: countOf(trades) }, (_, index): ArchivedTrade => {
    while (rejected.has(place)) place++
    const trade = tradeAt(trades, index)
    const { seconds, nanos, id = NO_ID } = trade
    return {
      symbol,
      seconds,
      nanos,
      type,
      ...pricesOf(item, index, trade),
      id: id === NO_ID ? undefined : id,
      line: said.line,
      contiguous: said.contiguous,
      conditions: said.conditions?.[index],
      tape: said.tape,
      side: sideNamed(said.sides?.[index]),
      source: said.source,
      sequence: producer?.sequence,
      ...origin,
      place: place++,
    }
  })
}

type Prices = Pick<ArchivedTrade, 'price' | 'volume' | 'wasPrice' | 'wasVolume'>

/** Of a correction, the run has the trade as it was, and its replacements have it as it is. */
function pricesOf({ replacements }: ParsedRecord, index: number, trade: Trade): Prices {
  const price = known(trade.price)
  const volume = known(trade.volume)
  const replacement = replacements?.[index]
  if (replacement === undefined) return { price, volume, wasPrice: undefined, wasVolume: undefined }
  const now = tradeAt(replacement, 0)
  return { price: now.price, volume: now.volume, wasPrice: price, wasVolume: volume }
}

/** What a cancel or correction does not say of the trade as it was, is not a number. */
function known(decimal: Decimal): Decimal | undefined {
  return Number.isNaN(decimal.units) ? undefined : decimal
}
