import type { Client } from 'pg'
import * as z from 'zod'

import { csvLine, type Formulas } from '../../functions/api/formats/csv.ts'
import { connected } from './connected.ts'
import { writePieces } from './write-pieces.ts'

const PAGE = 10_000
const rowsSchema = z.array(z.array(z.string().nullable()))
const MINUTE = `to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`

/** The columns of a CSV file, and the query that selects them as text. */
export type CsvSource = { readonly columns: readonly string[]; readonly query: string }

/** All bars, by symbol and time, numbers as exact decimals. */
export const BARS: CsvSource = {
  columns: [
    'symbol',
    'timestamp',
    'open',
    'high',
    'low',
    'close',
    'volume',
    'vwap',
    'trade_count',
    'revision',
  ],
  query: `SELECT symbol, ${MINUTE}, open::text, high::text, low::text, close::text, volume::text, vwap::text,
    trade_count::text, revision::text FROM ohlcv_1min WHERE NOT withdrawn
    ORDER BY symbol, timestamp`,
}

/** All values of indicators, by symbol, time and name. */
export const SIGNALS: CsvSource = {
  columns: ['symbol', 'timestamp', 'name', 'value'],
  query: `SELECT symbol, ${MINUTE}, indicator_name, value::text FROM intraday_indicators
    ORDER BY symbol, timestamp, indicator_name`,
}

/** All patterns that were not withdrawn, by symbol, time and type. */
export const PATTERNS: CsvSource = {
  columns: ['symbol', 'timestamp', 'pattern_type', 'direction', 'strength', 'confidence'],
  query: `SELECT symbol, ${MINUTE}, pattern_type, direction, strength::text, confidence::text FROM intraday_patterns
    WHERE NOT withdrawn ORDER BY symbol, timestamp, pattern_type`,
}

/**
 * Writes rows of the database to a CSV file.
 *
 * @param url connects with the read-only role
 * @param source.formulas what becomes of text that a spreadsheet would run. @default quoted
 * @returns how many there are
 * @throws Error that names the file when it could not be written to its end; then what was there before stays
 */
export async function writeCsv(
  url: string,
  file: string,
  { columns, query, formulas = 'quoted' }: CsvSource & { readonly formulas?: Formulas },
): Promise<number> {
  return await connected(url, (client) =>
    writePages(file, { columns, formulas, pages: pagesOf(client, query) }),
  )
}

async function* pagesOf(client: Client, query: string): AsyncGenerator<readonly CsvRow[], void, undefined> {
  await client.query('BEGIN READ ONLY')
  await client.query(`DECLARE found NO SCROLL CURSOR FOR ${query}`)
  for (;;) {
    const page = await client.query({ text: `FETCH ${PAGE} FROM found`, rowMode: 'array' })
    const rows = rowsSchema.parse(page.rows)
    if (rows.length === 0) return
    yield rows
  }
}

/** The cells of a row; null is an empty one. */
export type CsvRow = readonly (string | null)[]

/** Some rows at a time. */
export async function* pagesOfRows(
  rows: Iterable<CsvRow>,
): AsyncGenerator<readonly CsvRow[], void, undefined> {
  let page: CsvRow[] = []
  for (const row of rows) {
    page.push(row)
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

type Pages = {
  readonly columns: readonly string[]
  readonly formulas: Formulas
  readonly pages: AsyncIterable<readonly CsvRow[]>
}

/**
 * Writes rows to a CSV file.
 *
 * @returns how many there are
 * @throws Error that names the file when it could not be written to its end; then what was there before stays
 */
export async function writePages(file: string, { columns, formulas, pages }: Pages): Promise<number> {
  let written = 0
  const lines = async function* () {
    yield `${csvLine(columns, formulas)}\n`
    for await (const rows of pages) {
      written += rows.length
      yield rows.map((row) => `${csvLine(row, formulas)}\n`).join('')
    }
  }
  await writePieces(file, lines())
  return written
}
