import { type Line, MAX_LINE_LENGTH, readLines } from '../read-lines.ts'
import { KeptBeginning } from './kept-beginning.ts'
import { delimiterOf, isQuoteOpen, splitFields } from './split-fields.ts'
import type { BadRow, Row, Shape, Table } from './table.ts'

/** Reads text as CSV: comma, tab, semicolon or bar between fields, quotes by RFC 4180, a header or none. Undefined when empty. */
export async function readCsv(name: string, chunks: AsyncIterable<Uint8Array>): Promise<Table | undefined> {
  const kept = new KeptBeginning(chunks)
  const lines = readLines(kept.chunks())
  let first = await lines.next()
  while (first.done !== true && first.value.every(({ text }) => text === '')) first = await lines.next()
  if (first.done === true) return undefined
  const begun = first.value
  const top = begun.find(({ text }) => text !== '')?.text ?? ''
  const delimiter = delimiterOf(top)
  const fields = splitFields(top, delimiter) ?? [top]
  const columns = isHeader(fields) ? fields.map((field) => field.trim()) : undefined
  const shape = { delimiter, columns }
  return {
    name,
    kind: 'CSV',
    columns,
    batches: batchesOf(begun, lines, shape),
    text: { shape, again: () => kept.again() },
  }
}

/** A row of trades has numbers; a header has none. */
function isHeader(fields: readonly string[]): boolean {
  return fields.every((field) => !/^\s*[-+]?\.?\d/.test(field))
}

async function* batchesOf(
  begun: readonly Line[],
  rest: AsyncGenerator<readonly Line[], void, undefined>,
  shape: Shape,
): AsyncGenerator<readonly (Row | BadRow)[], void, undefined> {
  const rows = new RowReader(shape)
  yield rows.take(begun)
  for await (const lines of rest) yield rows.take(lines)
  yield rows.end()
}

/** Lines that one row may have, in quotes: where more follow, its quote is taken for one that is not closed. */
const MAX_LINES = 100

/** Makes rows of lines. */
export class RowReader {
  readonly #shape: Shape
  #width: number | undefined
  #isTop: boolean
  /** Lines of a row whose quote is open. */
  #open: readonly Line[] = []

  constructor(shape: Shape) {
    this.#shape = shape
    this.#width = shape.columns?.length
    this.#isTop = shape.columns !== undefined
  }

  /** True while a quote is open: the next line belongs to the row. */
  get isOpen(): boolean {
    return this.#open.length > 0
  }

  /** Columns of a row; undefined before the first. */
  get width(): number | undefined {
    return this.#isTop ? undefined : this.#width
  }

  take(lines: readonly Line[]): readonly (Row | BadRow)[] {
    const rows: (Row | BadRow)[] = []
    for (const line of lines) this.#takeLine(line, rows)
    return rows
  }

  end(): readonly (Row | BadRow)[] {
    const rows: (Row | BadRow)[] = []
    while (this.#open.length > 0) this.#giveUp(rows)
    return rows
  }

  #takeLine(line: Line, rows: (Row | BadRow)[]): void {
    if (this.#open.length === 0 && line.text === '') return
    const lines = [...this.#open, line]
    const text = lines.length === 1 ? line.text : lines.map((each) => each.text).join('\n')
    const cells = line.overlong ? undefined : splitFields(text, this.#shape.delimiter)
    if (cells !== undefined) {
      this.#open = []
      this.#takeCells({ place: lines[0]?.number ?? line.number, cells, text }, rows)
    } else if (lines.length === 1 && (line.overlong || !isQuoteOpen(text, this.#shape.delimiter)))
      rows.push(
        badRow(line, line.overlong ? 'line too long, perhaps not a text file' : 'text after a closing quote'),
      )
    else {
      this.#open = lines
      if (line.overlong || lines.length > MAX_LINES || text.length > MAX_LINE_LENGTH) this.#giveUp(rows)
    }
  }

  /** The first line of those that are open is the faulty one; the others are read again. */
  #giveUp(rows: (Row | BadRow)[]): void {
    const [faulty, ...others] = this.#open
    this.#open = []
    if (faulty !== undefined) rows.push(badRow(faulty, 'a quote is not closed'))
    for (const line of others) this.#takeLine(line, rows)
  }

  #takeCells(row: Row, rows: (Row | BadRow)[]): void {
    if (this.#isTop) {
      this.#isTop = false
      return
    }
    this.#width ??= row.cells.length
    if (row.cells.length === this.#width) {
      rows.push(row)
      return
    }
    const first = this.#shape.columns === undefined ? 'first row' : 'header'
    const reason = `wrong number of columns: ${row.cells.length}, and the ${first} has ${this.#width}`
    rows.push({ type: 'bad-row', place: row.place, reason, text: row.text })
  }
}

function badRow({ number, text }: Line, reason: string): BadRow {
  return { type: 'bad-row', place: number, reason, text }
}
