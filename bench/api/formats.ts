import { tableFromIPC } from 'apache-arrow'

import { proxyEvent } from '../../test/functions/api/harness.ts'
import { type Figure, fastest } from '../measure.ts'
import { serveApp } from './serve-app.ts'

const ROWS = 10_000
const START = 1_760_106_720
const ROUNDS = 15

/** A page of bars as Postgres gives it, of prices to the cent and volumes of shares. */
const FOUND = Array.from({ length: ROWS }, (_, index) => {
  const price = 15_000 + ((index * 7919) % 3000)
  const volume = 1000 + ((index * 104_729) % 90_000)
  return {
    symbol: 'AAPL',
    time: String(START + 60 * index),
    open: (price / 100).toFixed(2),
    high: ((price + 11) / 100).toFixed(2),
    low: ((price - 9) / 100).toFixed(2),
    close: ((price + 3) / 100).toFixed(2),
    volume: String(volume),
    vwap: ((price + 1.23456) / 100).toFixed(8),
    trade_count: '87',
    revision: 1,
    notional: ((volume * price) / 100).toFixed(2),
    complete: true,
    source: null,
  }
})

/**
 * Bars a second from the rows of Postgres, which costs any format as much, to a table in the memory of a client: what the
 * function does with a page of them, and what their reader does.
 */
export async function benchFormats(): Promise<Figure[]> {
  const handle = serveApp({
    database: { query: async () => ({ rows: FOUND }) },
    databaseNow: async () => Date.now(),
  })
  const ask = async (format: string): Promise<string> => {
    const target = `/v1/bars/AAPL?start=2025-10-10&end=2025-10-17&limit=${ROWS}&format=${format}`
    const { statusCode, body } = await handle(proxyEvent('GET', target, {}))
    if (statusCode !== 200) throw new Error(`${target} was answered ${statusCode}: ${body}`)
    return body
  }
  const json = await ask('json')
  const arrow = Buffer.from(await ask('arrow'), 'base64')
  await ask('parquet')
  const times = await fastest(
    {
      json: () => ask('json'),
      csv: () => ask('csv'),
      arrow: () => ask('arrow'),
      parquet: () => ask('parquet'),
      readJson: () => columnsOfJson(json),
      readArrow: () => tableFromIPC(arrow).getChild('c')?.toArray(),
    },
    ROUNDS,
  )
  const perSecond = (...parts: readonly string[]): number =>
    (1000 * ROWS) / parts.reduce((sum, part) => sum + (times[part] ?? Number.NaN), 0)
  const [ofJson, ofArrow] = [perSecond('json', 'readJson'), perSecond('arrow', 'readArrow')]
  return [
    { name: 'a page of 10,000 bars as JSON, made and read', value: ofJson, unit: 'bars/s' },
    { name: 'as Arrow, made and read', value: ofArrow, unit: 'bars/s' },
    { name: 'Arrow over JSON, made and read', value: ofArrow / ofJson, unit: 'x', aim: '>= 5' },
    { name: 'as JSON, made by the function', value: perSecond('json'), unit: 'bars/s' },
    { name: 'as CSV, made by the function', value: perSecond('csv'), unit: 'bars/s' },
    { name: 'as Arrow, made by the function', value: perSecond('arrow'), unit: 'bars/s' },
    { name: 'as Parquet, made by the function', value: perSecond('parquet'), unit: 'bars/s' },
  ]
}

const NUMBERS = ['o', 'h', 'l', 'c', 'v', 'n', 'vw', 'rev', 'notional'] as const

/** What a reader has to do with JSON for what Arrow gives: columns of numbers and times. */
function columnsOfJson(json: string) {
  const { bars } = JSON.parse(json)
  return {
    t: Float64Array.from(bars, ({ t }: { t: string }) => Date.parse(t)),
    ...Object.fromEntries(
      NUMBERS.map((name) => [
        name,
        Float64Array.from(bars, (each: Record<string, number>) => each[name] ?? 0),
      ]),
    ),
  }
}
