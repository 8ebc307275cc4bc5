import { type Format, hasColumns, stemOf } from '../format.ts'

/**
 * Trades of Coinbase Exchange: what `GET /products/{product_id}/trades` answers, newest first, and the messages `match` of the
 * WebSocket feed. https://docs.cdp.coinbase.com/exchange
 */
export const coinbase: Format = {
  name: 'coinbase',
  title: 'trades of Coinbase',
  columns: {
    symbol: ['productid'],
    time: ['time'],
    price: ['price'],
    volume: ['size'],
    id: ['tradeid'],
    side: ['side'],
  },
  recognise: (sample) => {
    if (!hasColumns(sample, 'tradeid', 'price', 'size', 'time')) return undefined
    const symbol = /^[A-Z0-9]+-[A-Z0-9]+$/.exec(stemOf(sample.table.name))?.[0]
    return {
      ...(symbol !== undefined && { symbol }),
      line: { name: 'coinbase', isContiguous: true },
      order: 'tradeid',
      // Its side is that of the order that had waited in the book.
      side: (text) => (text === 'buy' ? 'sell' : text === 'sell' ? 'buy' : undefined),
      leavesOut: (cell) => {
        const type = cell('type')
        return type === undefined || type === 'match' || type === 'last_match'
          ? undefined
          : `a message ${type}`
      },
    }
  },
}
