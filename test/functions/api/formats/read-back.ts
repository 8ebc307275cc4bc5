import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DuckDBInstance } from '@duckdb/node-api'
import { tableFromIPC } from 'apache-arrow'
import * as z from 'zod'

import type { ColumnType } from '../../../../functions/api/http/table.ts'

/** A cell as its reader has it, as text of exact digits: times are Unix milliseconds, or nanoseconds, decimals have no zeros at the end, JSON no spaces. */
export type Plain = string | null

/** What a column of a file is said to be. */
export type Typed = { readonly name: string; readonly type: ColumnType }

/** The cell of a table, or what a text file has for it, as the readers below give it. */
export function plain(cell: string | number | boolean | null, type: ColumnType): Plain {
  if (cell === null) return null
  if (type === 'decimal') return trimmed(String(cell))
  if (type === 'json') return JSON.stringify(JSON.parse(String(cell)))
  if (type === 'nanosecond' && typeof cell === 'string' && cell.endsWith('Z')) return nanosOf(cell)
  const isTime = type === 'second' || type === 'millisecond' || type === 'day'
  return isTime && typeof cell === 'string' ? String(Date.parse(cell)) : String(cell)
}

/** A time in ISO 8601 as Unix nanoseconds. */
function nanosOf(text: string): string {
  const [, whole = '', digits = ''] = /^([^.Z]+)(?:\.(\d+))?Z$/.exec(text) ?? []
  return String(BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(digits.padEnd(9, '0')))
}

function trimmed(decimal: string): string {
  const short = decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
  return short === '-0' ? '0' : short
}

/** Reads a stream of Arrow. */
export function readArrow(bytes: Uint8Array, columns: readonly Typed[]): Plain[][] {
  const table = tableFromIPC(bytes)
  return Array.from({ length: table.numRows }, (_, row) =>
    columns.map(({ name, type }) => {
      const child = table.getChild(name)
      const value: unknown = child?.get(row)
      // The reader of a cell leaves digits out.
      if (type === 'nanosecond' && value !== null) return nanosIn(child?.toArray(), row)
      return value === null || value === undefined
        ? null
        : type === 'decimal'
          ? ofWords(value)
          : plainOf(value, type)
    }),
  )
}

function nanosIn(values: unknown, row: number): string {
  return String(z.instanceof(BigInt64Array).parse(values)[row])
}

function plainOf(value: unknown, type: ColumnType): Plain {
  return plain(
    z.union([z.string(), z.number(), z.boolean(), z.bigint().transform(String)]).parse(value),
    type,
  )
}

function ofWords(value: unknown): string {
  const words = z.instanceof(Uint32Array).parse(value)
  const bits = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n)
  const units = BigInt.asIntN(128, bits)
  const digits = String(units < 0n ? -units : units).padStart(19, '0')
  return trimmed(`${units < 0n ? '-' : ''}${digits.slice(0, -18)}.${digits.slice(-18)}`)
}

const HOW: Readonly<Record<ColumnType, (name: string) => string>> = {
  text: (name) => name,
  json: (name) => name,
  decimal: (name) => `${name}::VARCHAR`,
  integer: (name) => `${name}::VARCHAR`,
  boolean: (name) => `${name}::VARCHAR`,
  day: (name) => `epoch_ms(${name})::VARCHAR`,
  second: (name) => `epoch_ms(${name})::VARCHAR`,
  millisecond: (name) => `epoch_ms(${name})::VARCHAR`,
  nanosecond: (name) => `epoch_ns(${name})::VARCHAR`,
}

/** Lets DuckDB read a file of Parquet. */
export async function readParquet(bytes: Uint8Array, columns: readonly Typed[]): Promise<Plain[][]> {
  const wanted = columns.map(({ name, type }) => HOW[type](`"${name}"`))
  const rows = await queryFile(
    'rows.parquet',
    bytes,
    (file) => `SELECT ${wanted.join(', ')} FROM read_parquet('${file}')`,
  )
  return rows.map((row) =>
    row.map((cell, index) => {
      const type = columns[index]?.type ?? 'text'
      return type === 'decimal' || type === 'json' ? plain(cell, type) : cell
    }),
  )
}

/** Lets DuckDB read a CSV, in which an empty cell is null. */
export async function readCsv(text: string, columns: readonly Typed[]): Promise<Plain[][]> {
  const names = columns.map(({ name }) => `'${name}': 'VARCHAR'`)
  const format = `header = true, delim = ',', quote = '"', escape = '"', nullstr = '', auto_detect = false`
  const rows = await queryFile(
    'rows.csv',
    text,
    (file) =>
      `SELECT * FROM read_csv('${file}', columns = {${names.join(', ')}}, ${format}, parallel = false)`,
  )
  return rows.map((row) => row.map((cell, index) => plain(cell, columns[index]?.type ?? 'text')))
}

/** Reads a JSON object a line, whose numbers keep their digits. */
export function readNdjson(text: string, columns: readonly Typed[]): Plain[][] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => {
    const row = z
      .record(z.string(), z.unknown())
      .parse(
        JSON.parse(line, (_key, value: unknown, { source }) => (typeof value === 'number' ? source : value)),
      )
    return columns.map(({ name, type }) => {
      const value = row[name] ?? null
      if (value === null) return null
      return type === 'json'
        ? JSON.stringify(z.looseObject({}).parse(JSON.parse(line))[name])
        : plainOf(value, type)
    })
  })
}

const rowsSchema = z.array(z.array(z.string().nullable()))

/** What DuckDB finds in a file of that content. */
async function queryFile(
  name: string,
  content: string | Uint8Array,
  sql: (file: string) => string,
): Promise<Plain[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-read-back-'))
  const connection = await (await DuckDBInstance.create()).connect()
  try {
    const file = join(folder, name)
    writeFileSync(file, content)
    return rowsSchema.parse((await connection.runAndReadAll(sql(file))).getRows())
  } finally {
    connection.closeSync()
    rmSync(folder, { recursive: true })
  }
}
