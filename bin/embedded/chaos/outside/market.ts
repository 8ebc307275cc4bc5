import { minuteOf } from '../../../../functions/domain/bar-builder.ts'
import { parseDecimal } from '../../../../functions/domain/decimal.ts'
import { NO_ID, type Trade } from '../../../../functions/domain/trade.ts'
import { minuteText } from '../../../../functions/shared/runtime/minute-text.ts'
import { type PlainBar, plainFold } from '../../../stage/verify/plain-fold.ts'
import { minuteKey } from './findings.ts'
import type { Put, SeenBar } from './history.ts'

/** A trade of a producer, and its place among all that were put of its symbol. */
export type PutTrade = {
  readonly trade: Trade
  readonly place: number
  /** When its record was sent first: no bar that holds it was made before. */
  readonly sentAt: number
  readonly isAcknowledged: boolean
}

type Minute = Pick<SeenBar, 'symbol' | 'timestamp'>

/**
 * What producers put. A producer sends a record of a symbol only when the one before was acknowledged, so a bar holds its
 * trades in that order, and any revision the first of them up to some place.
 */
export class Market {
  readonly #bySymbol = new Map<string, PutTrade[]>()
  readonly #byMinute = new Map<string, PutTrade[]>()
  readonly #folds = new Map<string, PlainBar | undefined>()

  constructor(puts: readonly Put[]) {
    for (const { symbol, trades, sentAt, outcome } of puts.toSorted((a, b) => a.sentAt - b.sentAt)) {
      const ofSymbol = listOf(this.#bySymbol, symbol)
      for (const columns of trades) {
        const trade = toTrade(columns)
        const put = { trade, place: ofSymbol.length, sentAt, isAcknowledged: outcome === 'acknowledged' }
        ofSymbol.push(put)
        const timestamp = minuteText(minuteOf(trade.seconds))
        listOf(this.#byMinute, minuteKey({ symbol, timestamp })).push(put)
      }
    }
  }

  symbols(): readonly string[] {
    return [...this.#bySymbol.keys()]
  }

  /** The minutes in which there are trades, as `minuteKey` names them, with these. */
  minutes(): ReadonlyMap<string, readonly PutTrade[]> {
    return this.#byMinute
  }

  /** The trades of a minute in the order in which they were put. */
  ofMinute(minute: Minute): readonly PutTrade[] {
    return this.#byMinute.get(minuteKey(minute)) ?? []
  }

  /** The trades of a symbol up to a place, that one among them. */
  upTo(symbol: string, place: number): readonly PutTrade[] {
    return (this.#bySymbol.get(symbol) ?? []).slice(0, place + 1)
  }

  /** The bar of the first `count` trades of a minute; undefined where that is none. */
  fold(minute: Minute, count: number): PlainBar | undefined {
    const key = `${minuteKey(minute)} ${count}`
    if (!this.#folds.has(key)) {
      const trades = this.ofMinute(minute).slice(0, count)
      this.#folds.set(key, [...plainFold(trades.map(({ trade }) => trade)).values()][0])
    }
    return this.#folds.get(key)
  }

  /** A revision was made at this time or later, by the trades that it holds; -Infinity where it holds none. */
  madeAfter(bar: SeenBar): number {
    return this.ofMinute(bar)[bar.tradeCount - 1]?.sentAt ?? -Infinity
  }
}

function listOf<Item>(lists: Map<string, Item[]>, key: string): Item[] {
  const list = lists.get(key) ?? []
  lists.set(key, list)
  return list
}

function toTrade([time, price, volume, id = NO_ID]: Put['trades'][number]): Trade {
  const [seconds = '', fraction = ''] = time.split('.')
  return {
    seconds: Number(seconds),
    nanos: Number(fraction.padEnd(9, '0')),
    price: decimalOf(price),
    volume: decimalOf(volume),
    id,
  }
}

function decimalOf(text: string): Trade['price'] {
  const parsed = parseDecimal(text)
  if (typeof parsed === 'string') throw new Error(`${text} in a put is no decimal: ${parsed}`)
  return parsed
}
