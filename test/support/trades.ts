import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

import { type Decimal, parseDecimal } from '../../functions/domain/decimal.ts'
import { type Trade, type TradeRun, tradesOf } from '../../functions/domain/trade.ts'

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

/** A recorded trade as the domain's. */
export function toTrade({ timestamp, price, volume }: RecordedTrade): Trade {
  const time = decimal(timestamp, { decimals: 9 })
  const nanos = BigInt(time.units) * 10n ** BigInt(9 - time.scale)
  return {
    seconds: Number(nanos / 1_000_000_000n),
    nanos: Number(nanos % 1_000_000_000n),
    price: decimal(price),
    volume: decimal(volume),
  }
}

/** A trade of one at 100, at the time and with what else is given. */
export function trade({
  price = '100',
  volume = '1',
  ...others
}: Omit<Partial<Trade>, 'price' | 'volume' | 'seconds'> & {
  readonly seconds: number
  readonly price?: string | number
  readonly volume?: string | number
}): Trade {
  return { nanos: 0, price: decimal(String(price)), volume: decimal(String(volume)), ...others }
}

/** A run of trades as a record brings them, of the shard 0 unless told otherwise. */
export function runOf(
  trades: readonly Trade[],
  others: Omit<Partial<TradeRun>, 'trades'> & { readonly sequenceNumber: string },
): TradeRun {
  return {
    shard: 'shardId-000000000000',
    arrivedAt: 0,
    producer: undefined,
    line: undefined,
    type: 'trade',
    trades: tradesOf(trades),
    ...others,
  }
}

/** The decimal in a text that is one. */
function decimal(text: string, options: { readonly decimals?: number } = {}): Decimal {
  const parsed = parseDecimal(text, options)
  if (typeof parsed === 'string') throw new Error(`${text} is no decimal: ${parsed}`)
  return parsed
}

function parseCsv(text: string): Record<string, string>[] {
  const [header = '', ...lines] = text.trimEnd().split('\n')
  const names = header.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']))
  })
}
