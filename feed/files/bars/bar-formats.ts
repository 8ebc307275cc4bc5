import { hasColumns, hasShape, type Sample, stemOf } from '../format.ts'
import { billionths } from '../formats/databento.ts'
import { sinceMidnight, tenThousandths } from '../formats/lean.ts'
import type { BarFormat } from './bar-format.ts'

const PRICES = { open: ['open'], high: ['high'], low: ['low'], close: ['close'], volume: ['volume'] } as const
const MINUTES: Readonly<Record<string, number | undefined>> = { s: 1 / 60, m: 1, h: 60, d: 1440, w: 10_080 }

/** `BTCUSDT-1m-2025-01-01.csv`, with a header or without: https://github.com/binance/binance-public-data */
const KLINES =
  'opentime,open,high,low,close,volume,closetime,quotevolume,count,takerbuyvolume,takerbuyquotevolume,ignore'.split(
    ',',
  )

const binance: BarFormat = {
  name: 'binance',
  title: 'klines of Binance',
  columns: {
    ...PRICES,
    symbol: ['symbol'],
    time: ['opentime'],
    notional: ['quotevolume', 'quoteassetvolume'],
    trades: ['count', 'numberoftrades'],
  },
  recognise: (sample) => {
    const hasNames = hasColumns(sample, 'opentime', 'open', 'close', 'closetime')
    if (!hasNames && !hasShape(sample, 'n'.repeat(KLINES.length))) return undefined
    const [, symbol, count, unit = ''] = /^(.+?)-(\d+)([smhdw])-/.exec(stemOf(sample.table.name)) ?? []
    const minutes = Number(count) * (MINUTES[unit] ?? Number.NaN)
    return {
      ...(!hasNames && { columns: KLINES }),
      ...(symbol !== undefined && { symbol }),
      ...(minutes > 0 && { minutes }),
    }
  },
}

/** OHLCVT, `XBTUSD_1.csv`: https://support.kraken.com/articles/360047124832 */
const kraken: BarFormat = {
  name: 'kraken',
  title: 'OHLCVT of Kraken',
  columns: { ...PRICES, time: ['time'], trades: ['trades'] },
  recognise: (sample) => {
    const [, symbol, minutes] = /^([A-Z0-9.]{5,16})_(\d+)$/.exec(stemOf(sample.table.name)) ?? []
    if (!hasShape(sample, 'nnnnnnn') || (symbol === undefined && !sample.isNamed)) return undefined
    return {
      columns: ['time', 'open', 'high', 'low', 'close', 'volume', 'trades'],
      ...(symbol !== undefined && { symbol, minutes: Number(minutes) }),
    }
  },
}

/** Minute aggregates of the flat files: https://massive.com/docs/flat-files */
const massive: BarFormat = {
  name: 'massive',
  title: 'aggregates of Massive',
  columns: { ...PRICES, symbol: ['ticker'], time: ['windowstart'], trades: ['transactions'] },
  recognise: (sample) =>
    hasColumns(sample, 'ticker', 'windowstart', 'open', 'close', 'transactions') ? {} : undefined,
}

/** The schemas `ohlcv-*` have a number each. */
const OHLCV_1M = '33'

/** https://databento.com/docs/schemas-and-data-formats/ohlcv */
const databento: BarFormat = {
  name: 'databento',
  title: 'bars of Databento',
  columns: { ...PRICES, symbol: ['symbol'], time: ['tsevent'] },
  recognise: (sample) => {
    if (!hasColumns(sample, 'tsevent', 'rtype', 'open', 'close')) return undefined
    return {
      price: (text) => (/^-?\d+$/.test(text) ? billionths(text) : text),
      leavesOut: (cell) =>
        cell('rtype') === OHLCV_1M ? undefined : `the rtype ${cell('rtype') ?? 'none'}, not ${OHLCV_1M}`,
    }
  },
}

/** What `GET /v2/stocks/bars` answers, and what its SDK for Python writes: https://docs.alpaca.markets/reference/stockbars */
const alpaca: BarFormat = {
  name: 'alpaca',
  title: 'bars of Alpaca',
  columns: {
    symbol: ['symbol', 'S'],
    time: ['t', 'timestamp'],
    open: ['o', 'open'],
    high: ['h', 'high'],
    low: ['l', 'low'],
    close: ['c', 'close'],
    volume: ['v', 'volume'],
    vwap: ['vw', 'vwap'],
    trades: ['n', 'tradecount'],
  },
  recognise: (sample) => (hasColumns(sample, 't', 'o', 'h', 'l', 'c', 'v') ? {} : undefined),
}

/** `20131008_spy_minute_trade.csv`: https://github.com/QuantConnect/Lean/tree/master/Data */
const ENTRY = /(?:^|\/)(\d{4})(\d\d)(\d\d)_([^/]+?)_minute_trade\.csv$/i

/** Milliseconds since midnight; US equities on New York's clocks with whole prices of 0.0001, crypto in UTC with plain ones. */
const lean: BarFormat = {
  name: 'lean',
  title: 'minute bars of QuantConnect Lean',
  columns: { ...PRICES, time: ['time'] },
  recognise: (sample) => {
    const [, year, month, day, name = ''] = ENTRY.exec(sample.table.name) ?? []
    if (year === undefined || !hasShape(sample, 'nnnnnn')) return undefined
    const date = Date.UTC(Number(year), Number(month) - 1, Number(day))
    const isEquity = hasWholePrices(sample)
    const zone = isEquity ? 'America/New_York' : 'UTC'
    return {
      columns: ['time', 'open', 'high', 'low', 'close', 'volume'],
      symbol: name.toUpperCase(),
      minutes: 1,
      time: (text) => sinceMidnight(text, date, zone),
      ...(isEquity && { price: tenThousandths }),
    }
  },
}

function hasWholePrices({ rows }: Sample): boolean {
  return rows.every((cells) => cells.slice(1, 5).every((cell) => cell?.includes('.') !== true))
}

/** Any table with usual names, as what this project writes itself. */
const general: BarFormat = {
  name: 'tickstock',
  title: 'bars',
  columns: {
    symbol: ['symbol', 'ticker', 'instrument', 'pair', 'S'],
    time: ['timestamp', 'time', 'datetime', 'date', 'ts', 'opentime', 't'],
    open: ['open', 'o'],
    high: ['high', 'h'],
    low: ['low', 'l'],
    close: ['close', 'c'],
    volume: ['volume', 'vol', 'v'],
    notional: ['notional', 'quotevolume', 'turnover'],
    vwap: ['vwap', 'vw'],
    trades: ['tradecount', 'trades', 'transactions', 'numberoftrades', 'count', 'n'],
  },
  recognise: ({ names }) => {
    const has = (role: 'time' | 'open' | 'high' | 'low' | 'close' | 'volume'): boolean =>
      (general.columns[role] ?? []).some((name) => names.includes(name))
    const needed = ['time', 'open', 'high', 'low', 'close', 'volume'] as const
    return needed.every(has) ? {} : undefined
  },
}

/** All formats of bars, in the order in which they are tried: the general one last. */
export const BAR_FORMATS: readonly BarFormat[] = [binance, lean, kraken, massive, databento, alpaca, general]
