import { bigPower, divideHalfUp } from '../decimal.ts'
import { PRICE_DECIMALS, priceOf, textOf } from './amounts.ts'
import type { OtherBar } from './other-bar.ts'
import type { Cut, Rule, SidedTrades } from './rule.ts'

/** Decimals of its open and close, which would else have more with each bar; those of the bar's prices where they have more. */
const LEAST_DECIMALS = 8

/**
 * Heikin-Ashi: closes where the bars of another rule do. Its close is the mean of their open, high, low and close, its open
 * the mean of its own open and close before; high and low take both in. Volumes are those of the bar.
 */
export class HeikinAshi implements Rule {
  readonly #rule: Rule
  #before: { readonly open: bigint; readonly close: bigint } | undefined

  constructor(rule: Rule) {
    this.#rule = rule
  }

  get label(): number | undefined {
    return this.#rule.label
  }

  cut(given: SidedTrades, from: number): Cut {
    return this.#rule.cut(given, from)
  }

  isOver(seconds: number): boolean {
    return this.#rule.isOver?.(seconds) === true
  }

  restart(): void {
    this.#rule.restart()
  }

  shaped(bar: OtherBar): readonly OtherBar[] {
    return (this.#rule.shaped?.(bar) ?? [bar]).map((each) => this.#averaged(each))
  }

  #averaged(bar: OtherBar): OtherBar {
    const texts = [bar.open, bar.high, bar.low, bar.close]
    const [first = 0n, highest = 0n, lowest = 0n, last = 0n] = texts.map(priceOf)
    const unit = bigPower(PRICE_DECIMALS - Math.max(LEAST_DECIMALS, ...texts.map(decimalsOf)))
    const close = mean(first + highest + lowest + last, 4n, unit)
    const open =
      this.#before === undefined
        ? mean(first + last, 2n, unit)
        : mean(this.#before.open + this.#before.close, 2n, unit)
    this.#before = { open, close }
    const high = [highest, open, close].reduce((one, other) => (other > one ? other : one))
    const low = [lowest, open, close].reduce((one, other) => (other < one ? other : one))
    return { ...bar, open: textOf(open), high: textOf(high), low: textOf(low), close: textOf(close) }
  }
}

/** Rounded half up to whole units. */
function mean(sum: bigint, count: bigint, unit: bigint): bigint {
  return divideHalfUp(sum, count * unit) * unit
}

function decimalsOf(text: string): number {
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}
