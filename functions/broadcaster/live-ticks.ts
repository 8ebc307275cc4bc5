import { addTrades, type BarBuilder, hasPrices, minuteOf, startBar } from '../domain/bar-builder.ts'
import { priceText, volumeText } from '../domain/bar-values.ts'
import type { TradeRun, Trades } from '../domain/trade.ts'
import type { Text } from './frames.ts'

/** What a batch says of the forming bar of a symbol, as it is sent. */
export type LiveTick = Text & { readonly type: 'ticks'; readonly symbol: string }

/** At most four records a second and symbol. */
export const WINDOW_MS = 250

type Forming = {
  /** The trades of the newest minute that were not sent. */
  pending: BarBuilder
  /** Arrival of the record with which something was sent last, Unix milliseconds. */
  sentAt: number
  /** The shard that its trades came from last. */
  shard: string
}

/**
 * Conflates the trades of batches into a record per symbol. What comes within a quarter of a second after a record waits
 * for the next; trades of a minute that a later one has followed are left out, since its bar is coming.
 *
 * The state is of one instance of the function, and lost with it: then some trades are never sent.
 */
export class LiveTicks {
  readonly #forming = new Map<string, Forming>()
  /** The arrival of the last batch of each shard. */
  readonly #arrivals = new Map<string, number>()

  /** Takes the trades of a symbol, in order of arrival. */
  take(symbol: string, runs: readonly TradeRun[]): void {
    for (const { type, trades, shard } of runs) {
      if (type !== 'trade') continue
      const minute = newestMinute(trades)
      const known = this.#forming.get(symbol)
      if (known === undefined)
        this.#forming.set(symbol, { pending: startBar(minute), sentAt: -Infinity, shard })
      else {
        known.shard = shard
        if (minute > known.pending.start) known.pending = startBar(minute)
      }
      const { pending } = this.#forming.get(symbol) ?? { pending: startBar(minute) }
      addOfMinute(pending, trades)
    }
  }

  /** The symbols of which something waits to be sent. */
  waiting(): string[] {
    return [...this.#forming].filter(([, { pending }]) => hasPrices(pending)).map(([symbol]) => symbol)
  }

  /**
   * The records that are to be sent, one for a symbol of the shard.
   *
   * @param arrivedAt when the newest record of the batch arrived, Unix milliseconds
   * @param shard of the batch
   */
  due(arrivedAt: number, shard: string): LiveTick[] {
    const hasGoneBack = arrivedAt < (this.#arrivals.get(shard) ?? -Infinity)
    this.#arrivals.set(shard, arrivedAt)
    const due: LiveTick[] = []
    for (const [symbol, forming] of this.#forming) {
      // Arrivals of shards cannot be compared: one may be read later than another.
      if (forming.shard !== shard) continue
      const passed = arrivedAt - forming.sentAt
      // Where the clock of the stream has gone back, nobody is to wait until it is there again.
      const isAhead = hasGoneBack && passed < -WINDOW_MS
      if (passed < WINDOW_MS && !isAhead) continue
      if (hasPrices(forming.pending)) {
        due.push(tickOf(symbol, forming.pending))
        forming.pending = startBar(forming.pending.start)
        forming.sentAt = arrivedAt
      } else this.#forming.delete(symbol)
    }
    return due
  }
}

function newestMinute({ columns: { seconds }, from, to }: Trades): number {
  let newest = 0
  for (let index = from; index < to; index++) newest = Math.max(newest, seconds[index] ?? 0)
  return minuteOf(newest)
}

/** Folds those trades that lie in the minute of a bar. */
function addOfMinute(bar: BarBuilder, trades: Trades): void {
  const { columns, to: end } = trades
  const isIn = (index: number): boolean => index < end && minuteOf(columns.seconds[index] ?? 0) === bar.start
  let from = trades.from
  while (from < end) {
    let to = from
    while (isIn(to)) to++
    if (to > from) addTrades(bar, trades, { from, to })
    from = to + 1
  }
}

function tickOf(symbol: string, bar: BarBuilder): LiveTick {
  const prices = (['open', 'high', 'low', 'close'] as const).map(
    (name) => `"${name}":"${priceText(bar, name)}"`,
  )
  const text = `{"type":"ticks","symbol":${JSON.stringify(symbol)},${prices.join(',')},"volume":"${volumeText(bar)}","trades":${bar.count},"time":${timeOf(bar)}}`
  return { type: 'ticks', symbol, text, bytes: Buffer.byteLength(text) }
}

/** Unix seconds of the last trade, exact. */
function timeOf({ start, closeSecond, closeNanos }: BarBuilder): string {
  const fraction = closeNanos === 0 ? '' : `.${String(closeNanos).padStart(9, '0').replace(/0+$/, '')}`
  return `${start + closeSecond}${fraction}`
}
