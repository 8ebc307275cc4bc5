import { type Format, hasShape } from '../format.ts'
import { zonedMs } from '../times.ts'

const EQUITY = ['time', 'price', 'quantity', 'exchange', 'condition', 'suspicious']
const CRYPTO = ['time', 'price', 'quantity']

/** Name of the file in the zip: `20131008_bac_Trade_Tick.csv`; crypto has resolution and type the other way round. */
const ENTRY = /(?:^|\/)(\d{4})(\d\d)(\d\d)_([^/]+?)_(?:trade_tick|tick_trade)\.csv$/i

/**
 * Tick files of QuantConnect's Lean: milliseconds since midnight. US equities are on New York's clocks, their prices in units of
 * 0.0001; crypto is in UTC, its prices are plain. https://github.com/QuantConnect/Lean/tree/master/Data
 */
export const lean: Format = {
  name: 'lean',
  title: 'ticks of QuantConnect Lean',
  columns: { time: ['time'], price: ['price'], volume: ['quantity'] },
  recognise: (sample) => {
    const [, year, month, day, name = ''] = ENTRY.exec(sample.table.name) ?? []
    const isEquity = hasShape(sample, 'nnnttn')
    if (year === undefined || (!isEquity && !hasShape(sample, 'nnn'))) return undefined
    const date = Date.UTC(Number(year), Number(month) - 1, Number(day))
    const zone = isEquity ? 'America/New_York' : 'UTC'
    return {
      columns: isEquity ? EQUITY : CRYPTO,
      symbol: name.toUpperCase(),
      unit: 's',
      time: (text) => sinceMidnight(text, date, zone),
      ...(isEquity && { price: tenThousandths }),
      leavesOut: (cell) => (cell('suspicious') === '1' ? 'marked as suspicious' : undefined),
    }
  },
}

/** Milliseconds since the midnight of a date on the clocks of a zone, as Unix seconds. */
export function sinceMidnight(text: string, date: number, zone: string): string {
  const found = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text)
  if (found === null) return text
  const [, whole = '', fraction = ''] = found
  const ms = Number(whole)
  // Through the whole second, since zones are read from the clock.
  const seconds = zonedMs(date + ms - (ms % 1000), zone) / 1000
  return `${seconds}.${String(ms % 1000).padStart(3, '0')}${fraction}`
}

/** Whole units of 0.0001 as a decimal. */
export function tenThousandths(text: string): string {
  if (!/^-?\d+$/.test(text)) return text
  const sign = text.startsWith('-') ? '-' : ''
  const digits = text.slice(sign.length).padStart(5, '0')
  return `${sign}${digits.slice(0, -4)}.${digits.slice(-4)}`
}
