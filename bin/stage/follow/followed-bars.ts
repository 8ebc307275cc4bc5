import { type BarKind, needsSides } from '../../../functions/domain/other-bars/kind.ts'
import type { OtherBar } from '../../../functions/domain/other-bars/other-bar.ts'
import { OtherBarFold } from '../../../functions/domain/other-bars/other-bar-fold.ts'
import type { SidedTrades } from '../../../functions/domain/other-bars/rule.ts'
import type { SideSource } from '../../../functions/domain/other-bars/sides.ts'
import { countOf } from '../../../functions/domain/trade.ts'
import type { Place } from '../../../functions/rebuilder/arrival-order.ts'
import { type HourReaders, readSymbolHours } from '../../../functions/rebuilder/symbol-hour.ts'
import { type SymbolBars, tradesIn } from '../archived-bars.ts'
import { HeldTrades, type TooLate } from './held-trades.ts'
import { type ReadRecords, rowReader } from './rows-in.ts'
import type { Tail } from './tail-stream.ts'

const HOUR = 3600

export type FollowedBarsOptions = ReadRecords & {
  readonly symbols: readonly string[]
  readonly kind: BarKind
  readonly side: SideSource
  /** Unix seconds; `to` is not in the span. */
  readonly from: number
  readonly to: number
  /** How long a trade is waited for, in ms of the stream's clock behind its own time. */
  readonly delayMs: number
  readonly signal: AbortSignal
  readonly on: Told
}

/** What is told meanwhile. */
export type Told = {
  hour(hour: number): void
  /** The archive is read; it had no trade of these symbols. */
  following(without: readonly string[]): void
  /** Something came later than it was waited for: all of it so far. */
  tooLate(symbol: string, tooLate: TooLate): void
  /** The trades of a symbol have no sides so far, where the kind needs them. */
  sideless(symbol: string): void
  /** So many trades were still waiting at the end, and are in no bar. */
  left(count: number): void
}

/** Where bars come from before the stream goes on. */
export type Before = {
  /** Whole hours of the archive, until the first one (Unix seconds) that is in `rows`. */
  readonly archive: HourReaders
  readonly until: number
  /** In the order of arrival. */
  readonly rows: readonly Place[]
}

/** After so many trades without a side, the next ones will have none either. */
const SIDELESS_TRADES = 100

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
  const { symbols, to, delayMs, on } = options
  const followed = new Map(symbols.map((symbol) => [symbol, new FollowedSymbol(symbol, before, options)]))
  const take = (row: Place): void => followed.get(row.of.symbol[row.at] ?? '')?.held.take(row)
  if (before !== undefined) yield* archived(before, followed, options)
  for (const row of before?.rows ?? []) take(row)
  const empty = before === undefined ? [] : [...followed.values()].filter(({ isEmpty }) => isEmpty)
  on.following(empty.map(({ symbol }) => symbol))
  const rowsIn = rowReader(options, before?.rows ?? [])
  for await (const { records, readTo } of tail) {
    for (const row of rowsIn(records)) take(row)
    if (readTo === undefined) continue
    const until = Math.min(readTo - delayMs, to * 1000)
    for (const [symbol, one] of followed) yield { symbol, bars: one.until(until) }
    if (until === to * 1000) break
  }
  const left = [...followed.values()].reduce((sum, { held }) => sum + held.count, 0)
  if (left > 0) on.left(left)
  for (const [symbol, { fold }] of followed) yield { symbol, bars: fold.end() }
}

/** Bars of the hours that the archive has whole. */
async function* archived(
  { archive, until }: Before,
  followed: ReadonlyMap<string, FollowedSymbol>,
  { from, to, on, signal }: FollowedBarsOptions,
): AsyncGenerator<SymbolBars, void, undefined> {
  const span = { from, to: Math.min(to, until) }
  const symbols = new Set(followed.keys())
  for (let hour = from - (from % HOUR); hour < span.to && !signal.aborted; hour += HOUR) {
    on.hour(hour)
    const hours = await readSymbolHours(archive, hour, symbols)
    for (const [symbol, one] of followed) yield { symbol, bars: one.take(tradesIn(hours.get(symbol), span)) }
  }
}

/** What is known of a symbol. */
class FollowedSymbol {
  readonly symbol: string
  readonly fold: OtherBarFold
  readonly held: HeldTrades
  readonly #options: FollowedBarsOptions
  #trades = 0
  #isSidelessTold = false
  #tooLateTold = 0

  constructor(symbol: string, before: Before | undefined, options: FollowedBarsOptions) {
    const { kind, side, from, to } = options
    this.symbol = symbol
    this.fold = new OtherBarFold(kind, { sides: side })
    this.held = new HeldTrades({ from, to }, (before?.until ?? from) * 1000)
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#trades === 0 && this.held.count === 0
  }

  take(sided: SidedTrades | undefined): readonly OtherBar[] {
    if (sided === undefined) return []
    const bars = this.fold.take(sided)
    const { kind, on } = this.#options
    this.#trades += countOf(sided.trades)
    const isSideless = needsSides(kind) && this.#trades >= SIDELESS_TRADES && !this.fold.hasSides
    if (isSideless && !this.#isSidelessTold) on.sideless(this.symbol)
    this.#isSidelessTold = isSideless
    return bars
  }

  /** The bars that close with the trades before a time, Unix milliseconds. */
  until(until: number): readonly OtherBar[] {
    const bars = this.take(this.held.release(until))
    const { tooLate } = this.held
    const count = tooLate.trades + tooLate.changes
    if (count > this.#tooLateTold) this.#options.on.tooLate(this.symbol, tooLate)
    this.#tooLateTold = count
    return [...bars, ...this.fold.closeBefore(Math.floor(until / 1000))]
  }
}
