import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

import { parseDecimal } from '../../functions/domain/decimal.ts'
import type { Trade } from '../../functions/domain/trade.ts'

/** The recorded sets: real trades, and the bars that the venue or a vendor published for them. */
export const RECORDED_SETS = ['kraken-xbtusdt-20251110', 'comex-gc-20131007', 'comex-gc-20131008'] as const
export type RecordedSet = (typeof RECORDED_SETS)[number]

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url))

/** A recorded trade, every number as its text. */
export type RecordedTrade = {
  readonly symbol: string
  readonly timestamp: string
  readonly price: string
  readonly volume: string
}

/** A published bar; `vwap` and `trade_count` only where the venue gives them. */
export type ReferenceBar = {
  readonly symbol: string
  readonly timestamp: string
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly vwap: string | undefined
  readonly trade_count: string | undefined
}

export function tradesPath(set: RecordedSet): string {
  return `${DATA}${set}.trades.csv.gz`
}

/** The trades of a set, in the order in which they happened. */
export function readTrades(set: RecordedSet): RecordedTrade[] {
  return parseCsv(gunzipSync(readFileSync(tradesPath(set))).toString()).map((row) => ({
    symbol: row['symbol'] ?? '',
    timestamp: row['timestamp'] ?? '',
    price: row['price'] ?? '',
    volume: row['volume'] ?? '',
  }))
}

/** The published bars of a set. */
export function readReferenceBars(set: RecordedSet): ReferenceBar[] {
  return parseCsv(readFileSync(`${DATA}${set}.bars.csv`, 'utf8')).map((row) => ({
    symbol: row['symbol'] ?? '',
    timestamp: row['timestamp'] ?? '',
    open: row['open'] ?? '',
    high: row['high'] ?? '',
    low: row['low'] ?? '',
    close: row['close'] ?? '',
    volume: row['volume'] ?? '',
    vwap: row['vwap'],
    trade_count: row['trade_count'],
  }))
}

/** A trade as the domain's tick. */
export function toTick({ timestamp, price, volume }: RecordedTrade): Trade {
  const time = parseDecimal(timestamp, 9)
  const paid = parseDecimal(price)
  const size = parseDecimal(volume)
  if (typeof time === 'string' || typeof paid === 'string' || typeof size === 'string')
    throw new Error(`not a trade: ${timestamp},${price},${volume}`)
  return {
    seconds: time.integer,
    nanos: time.fraction,
    priceInteger: paid.integer,
    priceFraction: paid.fraction,
    volumeInteger: size.integer,
    volumeFraction: size.fraction,
  }
}

function parseCsv(text: string): Record<string, string>[] {
  const [header = '', ...lines] = text.trimEnd().split('\n')
  const names = header.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']))
  })
}
