import { type Format, hasShape, stemOf } from '../format.ts'

/** Unix seconds of 2009: bitcoin is not older. */
const EARLIEST = 1_230_000_000

/**
 * Kraken's history, "time and sales": `XBTUSD.csv`, without a header, of Unix seconds, price and volume. It has no ids.
 * https://support.kraken.com/articles/360047543791
 */
export const kraken: Format = {
  name: 'kraken',
  title: 'trades of Kraken',
  columns: { time: ['time'], price: ['price'], volume: ['volume'] },
  recognise: (sample) => {
    const symbol = stemOf(sample.table.name)
    const isPair = /^[A-Z0-9.]{5,16}$/.test(symbol)
    const isHistory = hasShape(sample, 'nnn') && sample.rows.some(([time]) => Number(time) > EARLIEST)
    if (!isHistory || !(isPair || sample.isNamed)) return undefined
    return { columns: ['time', 'price', 'volume'], ...(isPair && { symbol }) }
  },
}
