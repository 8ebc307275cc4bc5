import { formatExactJson, NumberText, parseExactJson } from '../../functions/shared/streams/exact-json.ts'
import { reasonOf } from '../errors.ts'
import { type Line, readLines } from '../read-lines.ts'
import type { BadRow, Cell, Row, Table } from './table.ts'

/** Objects of one row each, as their keys and the texts of their values; numbers keep their own text. */
type Fields = ReadonlyMap<string, Cell>

/** A JSON file is read whole, since its brackets end only with it; NDJSON is read line by line. */
const MAX_JSON_BYTES = 256 * 1024 * 1024

/** Text begins as JSON. */
export function looksLikeJson(head: string): boolean {
  return /^\s*[[{]/.test(head)
}

/** True where lines are JSON objects, or arrays of them; false where an object or array goes over several lines. */
export function looksLikeNdjson(head: string): boolean {
  return head
    .split('\n')
    .slice(0, 2)
    .some((line) => /^\s*[[{]/.test(line) && isJson(line))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** NDJSON: an object a line, or an array of objects. A key that no line before had becomes a further column. */
export async function readNdjson(name: string, chunks: AsyncIterable<Uint8Array>): Promise<Table> {
  const batches = linesToRows(readLines(chunks))
  const first = await batches.next()
  const begun = first.done === true ? [] : first.value
  const columns: string[] = []
  noteColumns(columns, begun)
  return { name, kind: 'NDJSON', columns, batches: inColumns(columns, begun, batches) }
}

function noteColumns(columns: string[], rows: readonly (FieldsRow | BadRow)[]): void {
  const noted = new Set(columns)
  for (const row of rows)
    if (row.type === 'fields')
      for (const key of row.fields.keys()) {
        if (noted.has(key)) continue
        noted.add(key)
        columns.push(key)
      }
}

/**
 * A JSON file: an array of objects, an object with one of trades (`{"trades":[...]}`), or one with an array for each symbol
 * (`{"trades":{"AAPL":[...]}}`), which gives each row the key `symbol`; `bars` in the place of `trades` too.
 */
export async function readJson(name: string, chunks: AsyncIterable<Uint8Array>): Promise<Table | undefined> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > MAX_JSON_BYTES)
      throw new RangeError(
        `JSON of more than ${MAX_JSON_BYTES / 2 ** 20} MB; write it as NDJSON, an object a line`,
      )
    pieces.push(chunk)
  }
  const parsed = parseExactJson(new TextDecoder().decode(Buffer.concat(pieces)))
  const rows = rowsOf(parsed)
  if (rows === undefined) return undefined
  const begun = rows.map((fields, index) => ({
    type: 'fields' as const,
    place: index + 1,
    fields,
    text: textOf(fields),
  }))
  const columns: string[] = []
  noteColumns(columns, begun)
  return { name, kind: 'JSON', columns, batches: inColumns(columns, begun, undefined) }
}

type FieldsRow = {
  readonly type: 'fields'
  readonly place: number
  readonly fields: Fields
  readonly text: string
}

async function* linesToRows(
  batches: AsyncGenerator<readonly Line[], void, undefined>,
): AsyncGenerator<readonly (FieldsRow | BadRow)[], void, undefined> {
  for await (const lines of batches)
    yield lines
      .filter(({ text }) => text.trim() !== '')
      .flatMap((line): (FieldsRow | BadRow)[] => rowsOfLine(line))
}

function rowsOfLine({ number: place, text, overlong }: Line): (FieldsRow | BadRow)[] {
  const bad = (reason: string): BadRow[] => [{ type: 'bad-row', place, reason, text }]
  if (overlong) return bad('line too long, perhaps not NDJSON')
  try {
    const parsed = parseExactJson(text)
    const found: readonly (Fields | undefined)[] = rowsOf(parsed) ?? [fieldsOf(parsed)]
    return found.flatMap((fields): (FieldsRow | BadRow)[] =>
      fields === undefined ? bad('no JSON object') : [{ type: 'fields', place, fields, text }],
    )
  } catch (error) {
    return bad(`not JSON (${reasonOf(error)})`)
  }
}

async function* inColumns(
  columns: string[],
  begun: readonly (FieldsRow | BadRow)[],
  rest: AsyncGenerator<readonly (FieldsRow | BadRow)[], void, undefined> | undefined,
): AsyncGenerator<readonly (Row | BadRow)[], void, undefined> {
  const ordered = (row: FieldsRow | BadRow): Row | BadRow =>
    row.type === 'bad-row'
      ? row
      : { place: row.place, cells: columns.map((column) => row.fields.get(column)), text: row.text }
  yield begun.map(ordered)
  if (rest === undefined) return
  for await (const rows of rest) {
    noteColumns(columns, rows)
    yield rows.map(ordered)
  }
}

function rowsOf(parsed: unknown): Fields[] | undefined {
  if (Array.isArray(parsed)) {
    const rows = parsed.map(fieldsOf)
    return rows.every((row) => row !== undefined) ? rows : undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const entries = new Map<string, unknown>(Object.entries(parsed))
  const trades = entries.get('trades') ?? entries.get('bars') ?? entries.get('results')
  const symbol = entries.get('symbol') ?? entries.get('ticker')
  if (Array.isArray(trades))
    return rowsOf(trades)?.map((fields) => (typeof symbol === 'string' ? withSymbol(fields, symbol) : fields))
  if (typeof trades !== 'object' || trades === null) return undefined
  const lists = Object.entries(trades).filter((entry): entry is [string, unknown[]] =>
    Array.isArray(entry[1]),
  )
  if (lists.length === 0) return undefined
  return lists.flatMap(([name, list]) => (rowsOf(list) ?? []).map((fields) => withSymbol(fields, name)))
}

function withSymbol(fields: Fields, symbol: string): Fields {
  return new Map([['symbol', symbol], ...fields])
}

function fieldsOf(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof NumberText)
    return undefined
  return new Map(Object.entries(value).map(([key, inner]) => [key, cellOf(inner)]))
}

/** Arrays, as sale conditions are, stay JSON. */
function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'string') return value
  return formatExactJson(value)
}

function textOf(fields: Fields): string {
  return JSON.stringify(Object.fromEntries(fields))
}
