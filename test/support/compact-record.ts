import { encodeRecord } from '../../feed/encode-record.ts'

/** A compact record of trades of one at some prices, in one second. */
export function compactRecord(symbol: string, second: number, prices: readonly string[]): Buffer {
  const ticks = prices.map((price) => ({ symbol, timestamp: String(second), price, volume: '1' }))
  const head = { symbol, source: 'feed', sequence: 3 }
  return encodeRecord(head, ticks, { encoding: 'compact', jsonBytes: Infinity })
}
