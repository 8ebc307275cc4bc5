import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

import { BarTable } from '../bin/direct/bar-table.ts'
import { foldFiles } from '../bin/direct/fold-files.ts'
import { readTrades } from '../test/support/trades.ts'
import { fastest, type Figure } from './measure.ts'

/** Days of the gold trades, one after the other. */
const DAYS = 25
const ROUNDS = 3
const DAY_SECONDS = 86_400

/** A file of a million trades to bars as text, beside DuckDB, which reads and folds the same file with one thread. */
export async function benchDirect(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-bench-'))
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  try {
    const csv = join(folder, 'trades.csv')
    const parquet = join(folder, 'trades.parquet')
    const trades = await writeDays(csv)
    await connection.run(`COPY (SELECT symbol, make_timestamp_ns((timestamp * 1000000000)::BIGINT) AS timestamp, price, volume
      FROM read_csv('${csv}', types = {'timestamp': 'DECIMAL(20, 9)'})) TO '${parquet}' (FORMAT parquet)`)
    const best = await fastest(
      {
        csv: () => barsOf(csv),
        parquet: () => barsOf(parquet),
        duckdbCsv: () => duckdbBars(connection, `read_csv('${csv}')`, '(timestamp // 60)'),
        duckdbParquet: () =>
          duckdbBars(connection, `read_parquet('${parquet}')`, `date_trunc('minute', timestamp)`),
      },
      ROUNDS,
    )
    const perSecond = (name: string): number => (trades / (best[name] ?? Infinity)) * 1000
    return [
      { name: 'replay --direct, CSV', value: perSecond('csv'), unit: 'trades/s', aim: '>= 1500000' },
      {
        name: 'DuckDB in doubles, the same CSV, one thread',
        value: perSecond('duckdbCsv'),
        unit: 'trades/s',
      },
      {
        name: 'replay --direct, Parquet',
        value: perSecond('parquet'),
        unit: 'trades/s',
        aim: '>= 3000000',
      },
      {
        name: 'DuckDB in doubles, the same Parquet, one thread',
        value: perSecond('duckdbParquet'),
        unit: 'trades/s',
      },
    ]
  } finally {
    connection.closeSync()
    rmSync(folder, { recursive: true })
  }
}

/** How many trades there are. */
async function writeDays(file: string): Promise<number> {
  const trades = readTrades('comex-gc-20131007')
  const output = createWriteStream(file)
  output.write('symbol,timestamp,price,volume\n')
  for (let day = 0; day < DAYS; day++) {
    const lines = trades.map(({ symbol, timestamp, price, volume }) => {
      const [seconds = '', fraction = '0'] = timestamp.split('.')
      return `${symbol},${Number(seconds) + day * DAY_SECONDS}.${fraction},${price},${volume}\n`
    })
    if (!output.write(lines.join(''))) await once(output, 'drain')
  }
  output.end()
  await finished(output)
  return DAYS * trades.length
}

async function barsOf(file: string): Promise<number> {
  const bars = new BarTable()
  await foldFiles([file], {
    read: {},
    folder: tmpdir(),
    allowsNonPositive: () => false,
    now: Date.now(),
    rules: { latenessSeconds: 120, graceMs: DAY_SECONDS * 1000, maxPending: 200 },
    onBars: (symbol, pending) => void bars.take(symbol, pending),
    onTable: () => {},
    onRejected: ({ detail }) => {
      throw new Error(`the benchmark has nothing bad: ${detail}`)
    },
    room: async () => {},
    onSame: () => {},
    onProgress: () => {},
    onSort: () => {
      throw new Error('the trades of the benchmark are sorted')
    },
  })
  return [...bars.rows()].length
}

async function duckdbBars(connection: DuckDBConnection, source: string, minute: string): Promise<number> {
  const result =
    await connection.runAndReadAll(`SELECT symbol, ${minute} AS minute, arg_min(price, timestamp) AS open,
    max(price) AS high, min(price) AS low, arg_max(price, timestamp) AS close, sum(volume) AS volume,
    sum(price * volume) / sum(volume) AS vwap, count(*) AS trade_count
    FROM ${source} GROUP BY symbol, minute ORDER BY symbol, minute`)
  return result.currentRowCount
}
