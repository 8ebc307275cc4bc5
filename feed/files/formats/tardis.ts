import { type Format, hasColumns, type Sample } from '../format.ts'

/** Venues that number the trades of a symbol without a hole. */
const CONTIGUOUS = /^(binance|coinbase)/

/**
 * Trades of Tardis.dev: `exchange,symbol,timestamp,local_timestamp,id,side,price,amount`, times in µs.
 * https://docs.tardis.dev/downloadable-csv-files/data-types#trades
 */
export const tardis: Format = {
  name: 'tardis',
  title: 'trades of Tardis',
  columns: {
    symbol: ['symbol'],
    time: ['timestamp'],
    price: ['price'],
    volume: ['amount'],
    id: ['id'],
    side: ['side'],
  },
  recognise: (sample) => {
    if (!hasColumns(sample, 'exchange', 'symbol', 'timestamp', 'localtimestamp', 'price', 'amount'))
      return undefined
    const exchange = exchangeOf(sample)
    if (exchange === undefined || !CONTIGUOUS.test(exchange)) return {}
    return { line: { name: exchange, isContiguous: true }, order: 'id' }
  },
}

/** Its files are of one exchange each. */
function exchangeOf({ names, rows }: Sample): string | undefined {
  const found = new Set(rows.map((cells) => cells[names.indexOf('exchange')]))
  return found.size === 1 ? [...found][0] : undefined
}
