import { barOf } from '../bar.ts'
import { addTrades, type BarBuilder, hasPrices, startBar } from '../bar-builder.ts'
import { formatDecimal } from '../decimal.ts'
import { knownSides, SIDES } from '../side.ts'
import { isCounted, VOLUME_DECIMALS, volumeAt } from './amounts.ts'
import { HeikinAshi } from './heikin-ashi.ts'
import type { BarKind } from './kind.ts'
import type { OtherBar } from './other-bar.ts'
import { RenkoRule } from './renko-rule.ts'
import type { Rule, SidedTrades } from './rule.ts'
import { sideAt, type SideSource, TickRule } from './sides.ts'
import { SumRule } from './sum-rule.ts'
import { TimeRule } from './time-rule.ts'

type OpenBar = {
  readonly builder: BarBuilder
  readonly seconds: number
  readonly nanos: number
  lastSeconds: number
  lastNanos: number
  buys: bigint
  sells: bigint
  hasSides: boolean
}

/**
 * Folds the trades of a symbol, in the order of their time, into bars of a kind. Prices and volumes are exact, and how the
 * trades were divided into calls of `take` makes no difference.
 */
export class OtherBarFold {
  readonly #rule: Rule
  readonly #tickRule: TickRule | undefined
  #open: OpenBar | undefined
  #hasSides = false

  /** @param options.sides whether they are those that trades come with, or are guessed. @default venue */
  constructor(kind: BarKind, { sides = 'venue' }: { readonly sides?: SideSource } = {}) {
    this.#rule = ruleOf(kind)
    this.#tickRule = sides === 'tick-rule' ? new TickRule() : undefined
  }

  /** Whether the side of some trade was known. */
  get hasSides(): boolean {
    return this.#hasSides
  }

  /**
   * The bars that trades close.
   *
   * @throws OtherBarsError where a move makes more renko bricks than can be meant
   */
  take({ trades, sides }: SidedTrades): readonly OtherBar[] {
    const given = { trades, sides: knownSides(this.#tickRule?.sidesOf(trades) ?? sides) }
    if (given.sides !== undefined) this.#hasSides = true
    const closed: OtherBar[] = []
    for (let at = trades.from; at < trades.to;) {
      const { to, isClosing } = this.#rule.cut(given, at)
      if (to > at) this.#add(given, at, to)
      at = to
      if (isClosing) closed.push(...this.#closed())
    }
    return closed
  }

  /** The bar of time that is over once no trade before a time (Unix seconds) is to come; others are closed by trades alone. */
  closeBefore(seconds: number): readonly OtherBar[] {
    return this.#rule.isOver?.(seconds) === true ? this.#closed() : []
  }

  /** What is left: the open bar as it is, or none. */
  end(): readonly OtherBar[] {
    const open = this.#open
    this.#open = undefined
    return open === undefined || !hasPrices(open.builder) ? [] : this.#shaped(open, { isClosed: false })
  }

  #add(given: SidedTrades, from: number, to: number): void {
    const { trades, sides } = given
    const { seconds, nanos } = trades.columns
    const open = (this.#open ??= startOpen(seconds[from] ?? 0, nanos[from] ?? 0))
    addTrades(open.builder, trades, { from, to })
    open.lastSeconds = seconds[to - 1] ?? 0
    open.lastNanos = nanos[to - 1] ?? 0
    if (sides === undefined) return
    for (let index = from; index < to; index++) {
      const side = sideAt(trades, sides, index)
      if (side === SIDES.unknown || !isCounted(trades, index)) continue
      open.hasSides = true
      if (side === SIDES.buy) open.buys += volumeAt(trades, index)
      else open.sells += volumeAt(trades, index)
    }
  }

  #closed(): readonly OtherBar[] {
    const open = this.#open
    if (open === undefined) return []
    if (!hasPrices(open.builder)) {
      // None of its trades may set a price: a bar of time is none, as a minute is; another waits for the next price.
      if (this.#rule.label === undefined) return []
      this.#open = undefined
      this.#rule.restart()
      return []
    }
    const bars = this.#shaped(open, { isClosed: true })
    this.#open = undefined
    this.#rule.restart()
    return bars
  }

  #shaped(open: OpenBar, { isClosed }: { readonly isClosed: boolean }): readonly OtherBar[] {
    const bar = otherBarOf(open, { label: this.#rule.label, isClosed })
    return this.#rule.shaped?.(bar) ?? [bar]
  }
}

function ruleOf(kind: BarKind): Rule {
  switch (kind.type) {
    case 'time':
      return new TimeRule(kind.seconds)
    case 'sum':
    case 'imbalance':
      return new SumRule(kind)
    case 'renko':
      return new RenkoRule(kind.size)
    case 'heikin-ashi':
    default:
      return new HeikinAshi(ruleOf(kind.of))
  }
}

function startOpen(seconds: number, nanos: number): OpenBar {
  return {
    builder: startBar(seconds),
    seconds,
    nanos,
    lastSeconds: seconds,
    lastNanos: nanos,
    buys: 0n,
    sells: 0n,
    hasSides: false,
  }
}

function otherBarOf(
  { builder, buys, sells, hasSides, ...times }: OpenBar,
  { label, isClosed }: { readonly label: number | undefined; readonly isClosed: boolean },
): OtherBar {
  const { open, high, low, close, volume, notional, vwap, tradeCount } = barOf('', builder, { closedAt: 0 })
  const time = label === undefined ? times : { ...times, seconds: label, nanos: 0 }
  return {
    ...time,
    open,
    high,
    low,
    close,
    volume,
    notional,
    vwap,
    tradeCount,
    buyVolume: hasSides ? formatDecimal(buys, VOLUME_DECIMALS) : null,
    sellVolume: hasSides ? formatDecimal(sells, VOLUME_DECIMALS) : null,
    isClosed,
  }
}
