import { type Format, hasColumns, hasShape, type Sample, stemOf, type Traits } from '../format.ts'

const TRADES = ['id', 'price', 'qty', 'quoteqty', 'time', 'isbuyermaker', 'isbestmatch']
const AGGREGATES = [
  'aggtradeid',
  'price',
  'quantity',
  'firsttradeid',
  'lasttradeid',
  'transacttime',
  'isbuyermaker',
  'isbestmatch',
]

/**
 * The dumps of Binance, spot and futures: `SYMBOL-trades-DATE.csv`, without a header (spot) or with one. Times in ms, those of
 * spot in µs from 2025 on. https://github.com/binance/binance-public-data
 */
export const binanceTrades: Format = {
  name: 'binance',
  title: 'trades of Binance',
  columns: {
    id: ['id'],
    time: ['time'],
    price: ['price'],
    volume: ['qty'],
    symbol: ['symbol'],
    side: ['isbuyermaker'],
  },
  recognise: (sample) =>
    traitsOf(sample, {
      layout: TRADES,
      hasNames: hasColumns(sample, 'id', 'price', 'qty', 'time', 'isbuyermaker'),
      shapes: ['nnnnnb', 'nnnnnbb'],
      line: 'binance',
    }),
}

/** `SYMBOL-aggTrades-DATE.csv`: a row for the fills of one taker order at one price, numbered by themselves. */
export const binanceAggregates: Format = {
  name: 'binance-agg',
  title: 'aggregate trades of Binance',
  columns: {
    id: ['aggtradeid'],
    time: ['transacttime'],
    price: ['price'],
    volume: ['quantity'],
    symbol: ['symbol'],
    side: ['isbuyermaker'],
  },
  recognise: (sample) =>
    traitsOf(sample, {
      layout: AGGREGATES,
      hasNames: hasColumns(sample, 'aggtradeid', 'price', 'quantity', 'transacttime'),
      shapes: ['nnnnnnb', 'nnnnnnbb'],
      line: 'binance-agg',
    }),
}

function traitsOf(
  sample: Sample,
  {
    layout,
    hasNames,
    shapes,
    line,
  }: {
    readonly layout: readonly string[]
    readonly hasNames: boolean
    readonly shapes: readonly string[]
    readonly line: string
  },
): Traits | undefined {
  const shape = shapes.find((each) => hasShape(sample, each))
  if (!hasNames && shape === undefined) return undefined
  const symbol = /^([^-]+)-(?:agg)?trades-/i.exec(stemOf(sample.table.name))?.[1]
  return {
    ...(shape !== undefined && { columns: layout.slice(0, shape.length) }),
    ...(symbol !== undefined && { symbol }),
    line: { name: line, isContiguous: true },
    // Where the buyer had waited in the book, the seller took.
    side: (text) => (text === 'true' ? 'sell' : text === 'false' ? 'buy' : undefined),
    order: layout[0] ?? 'id',
  }
}
