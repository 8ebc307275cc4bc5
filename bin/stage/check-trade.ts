import { encodeTick, partitionKeyOf, tapeOf } from '../../feed/encode.ts'
import type { FeedTick } from '../../feed/tick.ts'
import type { AllowsNonPositive } from '../../functions/aggregator/decode.ts'
import { parseTrades } from '../../functions/aggregator/parse-trades.ts'
import { EARLIEST_SECONDS, isSymbol, MAX_AHEAD_SECONDS } from '../../functions/domain/trade.ts'

/** Why the aggregator would reject a trade: its name for it, and a sentence. */
export type Refusal = { readonly reason: string; readonly detail: string }

const TIME = /^(\d{9,11})(?:\.\d{1,9})?$/
const AMOUNT = /^\d{1,15}(?:\.\d{1,18})?$/
const ZERO = /^[0.]+$/

/**
 * A function that gives what the aggregator would reject a trade for, undefined for a good one. Most trades are plainly good;
 * of the others the aggregator's own reader decides.
 *
 * @param options.now the wall clock, in Unix milliseconds
 */
export function tradeChecker({
  now,
  allowsNonPositive,
}: {
  readonly now: () => number
  readonly allowsNonPositive: AllowsNonPositive
}): (tick: FeedTick) => Refusal | undefined {
  const symbols = new Map<string, boolean>()
  const isGoodSymbol = (symbol: string): boolean => {
    const known = symbols.get(symbol)
    if (known !== undefined) return known
    const isGood = isSymbol(symbol)
    symbols.set(symbol, isGood)
    return isGood
  }
  const kinds = new Set<string>()
  return (tick) => {
    const { symbol, timestamp, price, volume } = tick
    const [, seconds] = TIME.exec(timestamp) ?? []
    const { tape, conditions } = tick
    const kind = tape === undefined && conditions === undefined ? '' : `${tape} ${conditions}`
    const isPlain =
      seconds !== undefined &&
      Number(seconds) >= EARLIEST_SECONDS &&
      Number(seconds) < now() / 1000 + MAX_AHEAD_SECONDS - 1 &&
      AMOUNT.test(price) &&
      !ZERO.test(price) &&
      AMOUNT.test(volume) &&
      isGoodSymbol(symbol) &&
      (kind === '' || kinds.has(kind))
    if (isPlain) return undefined
    const refusal = refusalOf(tick, { arrivedAt: now(), allowsNonPositive: allowsNonPositive(symbol) })
    if (refusal === undefined && kinds.size < 10_000) kinds.add(kind)
    return refusal
  }
}

function refusalOf(
  tick: FeedTick,
  { arrivedAt, allowsNonPositive }: { readonly arrivedAt: number; readonly allowsNonPositive: boolean },
): Refusal | undefined {
  const { symbol, tape } = tick
  const head = `{"symbol":${JSON.stringify(symbol)}${tape === undefined ? '' : `,"tape":${tapeOf(tape)}`}`
  const { rejections } = parseTrades(`${head},"ticks":[${encodeTick(tick)}]}`, {
    partitionKey: partitionKeyOf(symbol),
    arrivedAt,
    allowsNonPositive,
  })
  return rejections[0]
}
