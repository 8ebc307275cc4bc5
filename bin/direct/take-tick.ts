import { encodeTick, partitionKeyOf, RECORD_END, recordStart } from '../../feed/encode.ts'
import type { FeedTick } from '../../feed/tick.ts'
import { parseTrades } from '../../functions/aggregator/parse-trades.ts'
import { NO_ID, type Trades } from '../../functions/domain/trade.ts'
import type { SymbolFold } from './symbol-fold.ts'

/** What a checked trade is given to. */
type TakesTrades = Pick<SymbolFold, 'add' | 'addTrades' | 'takesId'>

const PLAIN_TIME = /^\d+(?:\.\d{1,9})?$/
const PLAIN_NUMBER = /^\d+(?:\.\d+)?$/
/** Digits that a double holds exactly. */
const MAX_DIGITS = 15

/** Gives a checked trade to the fold of its symbol. */
export function takeTick(
  fold: TakesTrades,
  tick: FeedTick,
  { seconds, nanos }: { readonly seconds: number; readonly nanos: number },
): void {
  const price = plainNumber(tick.price)
  const volume = plainNumber(tick.volume)
  const isPlain = tick.conditions === undefined && PLAIN_TIME.test(tick.timestamp)
  if (isPlain && price !== undefined && volume !== undefined) {
    const id = tick.id === undefined ? NO_ID : Number(tick.id)
    fold.add(seconds, nanos, price.units, price.scale, volume.units, volume.scale, id, tick.line)
    return
  }
  const isNumbered = tick.id !== undefined && fold.takesId(Number(tick.id), seconds, tick.line)
  fold.addTrades(parsed(isNumbered ? tick : { ...tick, id: undefined }), tick.line)
}

/** Units of a number without a sign that a double holds; undefined for another. */
function plainNumber(text: string): { readonly units: number; readonly scale: number } | undefined {
  if (text.length > MAX_DIGITS || !PLAIN_NUMBER.test(text)) return undefined
  const point = text.indexOf('.')
  if (point < 0) return { units: Number(text), scale: 0 }
  let end = text.length
  while (text[end - 1] === '0') end--
  return {
    units: Number(text.slice(0, point) + text.slice(point + 1, end)),
    scale: Math.max(0, end - point - 1),
  }
}

/** A trade as the aggregator reads it from a record. */
function parsed(tick: FeedTick): Trades {
  const { symbol, line, tape } = tick
  const start = recordStart({ symbol, source: '', sequence: 1, line, tape })
  const { trades, rejections } = parseTrades(`${start}${encodeTick(tick)}${RECORD_END}`, {
    partitionKey: partitionKeyOf(symbol),
    arrivedAt: Infinity,
    allowsNonPositive: true,
  })
  const [rejection] = rejections
  if (rejection !== undefined)
    throw new Error(`a checked trade of ${symbol} is rejected: ${rejection.detail}`)
  return trades
}
