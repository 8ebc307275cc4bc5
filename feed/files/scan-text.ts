import { type Line, lineOf, MAX_LINE_LENGTH } from '../read-lines.ts'
import { RowReader } from './csv-table.ts'
import type { PlainLayout } from './plain-layout.ts'
import { LineScanner } from './scan-line.ts'
import type { BadRow, Row, Shape } from './table.ts'
import type { TradeTaker } from './trade-taker.ts'

const LF = 0x0a
const CR = 0x0d
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
/** Bytes that a line of that many characters has at the most. */
const MAX_LINE_BYTES = 4 * MAX_LINE_LENGTH

export type ScanTextOptions = {
  readonly shape: Shape
  readonly plain: PlainLayout
  readonly taker: TradeTaker
  /** Takes rows that are not plain. */
  readonly take: (rows: readonly (Row | BadRow)[]) => void
  /** Unix seconds; a trade from then on is not plain. */
  readonly latest: number
}

/** Reads lines of delimited text: plain trades by their bytes, other lines as `readCsv` does. */
export class TextScanner {
  readonly #options: ScanTextOptions
  readonly #rows: RowReader
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #scanner: LineScanner | undefined
  #rest: Uint8Array = new Uint8Array(0)
  #isFirst = true
  #isOverlong = false
  /** Of the last line that was read. */
  line = 0

  constructor(options: ScanTextOptions) {
    this.#options = options
    this.#rows = new RowReader(options.shape)
  }

  /** Takes the next bytes, and gives the lines that end in them. */
  take(chunk: Uint8Array): void {
    let start = 0
    if (this.#rest.length > 0) {
      start = chunk.indexOf(LF) + 1
      const begun = Buffer.concat([this.#rest, start === 0 ? chunk : chunk.subarray(0, start)])
      if (start === 0) return this.#keep(begun)
      this.#lines(begun, begun.length)
    }
    const end = chunk.lastIndexOf(LF) + 1
    if (end > start) this.#lines(chunk.subarray(start), end - start)
    this.#keep(chunk.subarray(Math.max(start, end)))
  }

  /** Gives the last line, if no line feed ends it. */
  end(): void {
    if (this.#rest.length > 0)
      this.#lines(Buffer.concat([this.#rest, Uint8Array.of(LF)]), this.#rest.length + 1)
    this.#options.take(this.#rows.end())
  }

  /** Limits the memory when there are no line feeds. */
  #keep(rest: Uint8Array): void {
    this.#isOverlong ||= rest.length > MAX_LINE_BYTES
    // A copy, so that the chunk may go.
    this.#rest = new Uint8Array(rest.subarray(0, MAX_LINE_BYTES))
  }

  /** @param end where the last line feed is, and behind it */
  #lines(bytes: Uint8Array, end: number): void {
    let at = this.#isFirst && hasMark(bytes) ? BYTE_ORDER_MARK.length : 0
    this.#isFirst = false
    while (at < end) {
      this.line++
      const scanner = this.#isOverlong || this.#rows.isOpen ? undefined : this.#scannerOf()
      const next = scanner?.scan(bytes, at) ?? -1
      at = next > 0 ? next : this.#careful(bytes, at)
    }
  }

  #careful(bytes: Uint8Array, start: number): number {
    const end = bytes.indexOf(LF, start)
    const isEmpty = end === start || (end === start + 1 && bytes[start] === CR)
    if (!isEmpty || this.#rows.isOpen) {
      const text = this.#decoder.decode(bytes.subarray(start, end))
      const line: Line = lineOf(this.line, text, this.#isOverlong)
      this.#options.take(this.#rows.take([line]))
    }
    this.#isOverlong = false
    return end + 1
  }

  /** Undefined until the reader of rows has seen how many columns a row has. */
  #scannerOf(): LineScanner | undefined {
    const { width } = this.#rows
    if (this.#scanner !== undefined || width === undefined) return this.#scanner
    const { plain, taker, shape, latest } = this.#options
    this.#scanner = new LineScanner(plain, taker, { width, delimiter: shape.delimiter, latest })
    return this.#scanner
  }
}

function hasMark(bytes: Uint8Array): boolean {
  return BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte)
}
