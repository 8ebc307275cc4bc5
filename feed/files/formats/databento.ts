import { type Format, hasColumns } from '../format.ts'

const NO_TIME = '18446744073709551615'

/**
 * Databento's schemas trades and tbbo, as CSV and as DBN. Prices are whole billionths, or decimals with `pretty_px`; times are
 * nanoseconds, or ISO 8601 with `pretty_ts`. https://databento.com/docs/schemas-and-data-formats/trades
 */
export const databento: Format = {
  name: 'databento',
  title: 'trades of Databento',
  columns: { symbol: ['symbol'], time: ['tsevent'], price: ['price'], volume: ['size'], side: ['side'] },
  recognise: (sample) => {
    if (!hasColumns(sample, 'tsevent', 'action', 'price', 'size', 'sequence')) return undefined
    return {
      price: (text) => (/^-?\d+$/.test(text) ? billionths(text) : text),
      order: 'sequence',
      // That of the aggressor: A for ask, B for bid, N where there is none.
      side: (text) => (text === 'a' ? 'sell' : text === 'b' ? 'buy' : undefined),
      leavesOut: (cell) => {
        const action = cell('action')
        if (action !== 'T') return `the action ${action ?? 'none'}, not T`
        return cell('tsevent') === NO_TIME ? 'no time' : undefined
      },
    }
  },
}

/** Whole billionths as a decimal. */
export function billionths(text: string): string {
  const sign = text.startsWith('-') ? '-' : ''
  const digits = text.slice(sign.length).padStart(10, '0')
  return `${sign}${digits.slice(0, -9)}.${digits.slice(-9)}`
}
