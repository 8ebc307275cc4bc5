import { type Format, hasColumns } from '../format.ts'

/** https://docs.alpaca.markets/reference/stocktrades-1 */
const UPDATES: Readonly<Record<string, string | undefined>> = {
  canceled: 'cancelled later',
  incorrect: 'marked as an error later',
}

/**
 * Trades of Alpaca: what `GET /v2/stocks/trades` and the crypto endpoints answer, messages `t` of its WebSocket, and what its
 * SDK for Python writes as CSV or Parquet. Its ids are unique within an exchange, so they have no line.
 */
export const alpaca: Format = {
  name: 'alpaca',
  title: 'trades of Alpaca',
  columns: {
    symbol: ['symbol', 'S'],
    time: ['t', 'timestamp'],
    price: ['p', 'price'],
    volume: ['s', 'size'],
    id: ['i', 'id'],
    conditions: ['c', 'conditions'],
    tape: ['z', 'tape'],
    side: ['tks'],
  },
  recognise: (sample) => {
    const isApi = hasColumns(sample, 't', 'p', 's') && (hasColumns(sample, 'x') || hasColumns(sample, 'i'))
    const isSdk = hasColumns(sample, 'timestamp', 'exchange', 'price', 'size', 'conditions', 'tape')
    if (!isApi && !isSdk) return undefined
    return {
      conditions: readConditions,
      // Crypto only.
      side: (text) => (text === 'b' ? 'buy' : text === 's' ? 'sell' : undefined),
      leavesOut: (cell) => {
        const type = cell('T')
        return type !== undefined && type !== 't' ? `a message ${type}` : UPDATES[cell('u') ?? '']
      },
    }
  },
}

/** `["@","I"]`, or Python's `['@', 'I']`. */
function readConditions(text: string): string | undefined {
  const list = text.trim()
  if (list === '' || list === '[]') return undefined
  return list.includes('"') ? list : list.replaceAll("'", '"')
}
