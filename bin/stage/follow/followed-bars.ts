import type { KinesisStreamRecord } from 'aws-lambda'

import { type AllowsNonPositive, createTickParser } from '../../../functions/aggregator/decode.ts'
import { inColumns } from '../../../functions/archive/in-columns.ts'
import { rowsOf } from '../../../functions/archiver/archive-rows.ts'
import { type BarKind, needsSides } from '../../../functions/domain/other-bars/kind.ts'
import { OtherBarFold } from '../../../functions/domain/other-bars/other-bar-fold.ts'
import type { SideSource } from '../../../functions/domain/other-bars/sides.ts'
import { countOf } from '../../../functions/domain/trade.ts'
import { parseBatch } from '../../../functions/shared/streams/consume.ts'
import type { Row } from '../../../functions/rebuilder/row.ts'
import { type HourReaders, readSymbolHours } from '../../../functions/rebuilder/symbol-hour.ts'
import { type SymbolBars, tradesIn } from '../archived-bars.ts'
import { HeldTrades, type TooLate } from './held-trades.ts'
import type { Tail } from './tail-stream.ts'

const HOUR = 3600

export type FollowedBarsOptions = {
  readonly symbols: readonly string[]
  readonly kind: BarKind
  readonly side: SideSource
  /** Unix seconds; `to` is not in the span. */
  readonly from: number
  readonly to: number
  /** How long a trade is waited for, in ms of the stream's clock behind its own time. */
  readonly delayMs: number
  readonly allowsNonPositive: AllowsNonPositive
  readonly onHour?: (hour: number) => void
  /** Is told of what came later than that, each time that it has become more. */
  readonly onTooLate: (symbol: string, tooLate: TooLate) => void
  /** Takes a symbol whose trades have no sides so far, where the kind needs them. */
  readonly onSideless: (symbol: string) => void
}

/** After so many trades without a side, the next ones will have none either. */
const SIDELESS_TRADES = 100

/** Where bars come from before the stream goes on. */
export type Before = {
  /** Whole hours of the archive, until the first one (Unix seconds) that is in `rows`. */
  readonly archive: HourReaders
  readonly until: number
  /** In the order of arrival. */
  readonly rows: readonly Row[]
}

type Followed = { readonly fold: OtherBarFold; readonly held: HeldTrades; trades: number; told: number }

/**
 * Bars of a kind as they close: of the trades that the archive has, then of those that come on the stream, each once and in the
 * order of their time. Those that are open come in the end, when the tail ends or `to` is reached.
 *
 * @throws ArchiveError naming the object that cannot be read
 * @throws OtherBarsError where a move makes more renko bricks than can be meant
 */
export async function* followedBars(
  before: Before | undefined,
  tail: AsyncIterable<Tail>,
  options: FollowedBarsOptions,
): AsyncGenerator<SymbolBars, void, undefined> {
  const { symbols, kind, side, from, to, delayMs } = options
  const followed = new Map<string, Followed>(
    symbols.map((symbol) => {
      const fold = new OtherBarFold(kind, { sides: side })
      const held = new HeldTrades({ from, to }, (before?.until ?? from) * 1000)
      return [symbol, { fold, held, trades: 0, told: 0 }]
    }),
  )
  const take = ({ of, at }: Row): void => followed.get(of.symbol[at] ?? '')?.held.take({ of, at })
  if (before !== undefined) {
    const span = { from, to: Math.min(to, before.until) }
    for (let hour = from - (from % HOUR); hour < span.to; hour += HOUR) {
      options.onHour?.(hour)
      const hours = await readSymbolHours(before.archive, hour, new Set(symbols))
      for (const [symbol, one] of followed) {
        const sided = tradesIn(hours.get(symbol), span)
        if (sided === undefined) continue
        one.trades += countOf(sided.trades)
        yield { symbol, bars: one.fold.take(sided) }
      }
    }
    for (const row of before.rows) take(row)
  }
  for await (const { records, readTo } of tail) {
    for (const row of rowsIn(records, options)) take(row)
    if (readTo === undefined) continue
    const until = Math.min(readTo - delayMs, to * 1000)
    for (const [symbol, one] of followed) {
      const sided = one.held.release(until)
      const bars = sided === undefined ? [] : one.fold.take(sided)
      yield { symbol, bars: [...bars, ...one.fold.closeBefore(Math.floor(until / 1000))] }
      if (sided !== undefined) tellSideless(symbol, one, countOf(sided.trades), options)
      tellTooLate(symbol, one, options)
    }
    if (until === to * 1000) break
  }
  for (const [symbol, { fold }] of followed) yield { symbol, bars: fold.end() }
}

function rowsIn(
  records: readonly KinesisStreamRecord[],
  { allowsNonPositive }: FollowedBarsOptions,
): readonly Row[] {
  const { readable } = parseBatch(records, createTickParser(records, allowsNonPositive))
  const trades = [...Map.groupBy(readable, ({ record }) => record)].flatMap(([record, items]) =>
    rowsOf(
      record,
      items.map(({ item }) => item),
    ),
  )
  const of = inColumns(trades)
  return trades.map((_, at) => ({ of, at }))
}

function tellSideless(
  symbol: string,
  one: Followed,
  trades: number,
  { kind, onSideless }: FollowedBarsOptions,
): void {
  const wasTold = one.trades >= SIDELESS_TRADES
  one.trades += trades
  if (!wasTold && one.trades >= SIDELESS_TRADES && needsSides(kind) && !one.fold.hasSides) onSideless(symbol)
}

function tellTooLate(symbol: string, one: Followed, { onTooLate }: FollowedBarsOptions): void {
  const { tooLate } = one.held
  const count = tooLate.trades + tooLate.changes
  if (count === one.told) return
  one.told = count
  onTooLate(symbol, tooLate)
}
