/** A value of a row as text, exactly as the file has it; undefined where the row has none. */
export type Cell = string | undefined

/** A row of a file, before it is known what it means. */
export type Row = {
  /** Line of a text file, from 1; record of another, from 1. */
  readonly place: number
  readonly cells: readonly Cell[]
  /** As the file has it, for whoever rejects it. */
  readonly text: string
}

/** What cannot be read as a row. */
export type BadRow = {
  readonly type: 'bad-row'
  readonly place: number
  readonly reason: string
  readonly text: string
}

/** A file, or an entry of an archive, as rows. */
export type Table = {
  /** `trades.csv`, or `BTCUSDT-trades-2025-01-01.csv` of a zip file. */
  readonly name: string
  readonly kind: 'CSV' | 'NDJSON' | 'JSON' | 'Parquet' | 'DBN'
  /** Names of the columns as the file spells them; undefined where it names none. */
  readonly columns: readonly string[] | undefined
  readonly batches: AsyncIterable<readonly (Row | BadRow)[]>
  /** The same as the bytes of its text, for who reads them itself. */
  readonly text?: TextOfTable
  /** The same as columns. */
  readonly columnGroups?: ReadColumnGroups
}

/** How the fields of a text are divided, and its columns where it has a header. */
export type Shape = { readonly delimiter: string; readonly columns: readonly string[] | undefined }

type TextOfTable = {
  readonly shape: Shape
  /** All bytes from the first on; undefined once more than the beginning was read as `batches`, which then end. */
  again(): AsyncGenerator<Uint8Array, void, undefined> | undefined
}

/** Reads some columns, by their places, a group of rows at a time. */
type ReadColumnGroups = (places: readonly number[]) => AsyncGenerator<ColumnGroup, void, undefined>

export type ColumnGroup = {
  /** Rows before it. */
  readonly start: number
  readonly length: number
  /** In the order in which they were asked for. */
  readonly columns: readonly ColumnValues[]
  /** Some of the same rows with all of their cells: from a place in the group up to another (not included). */
  rows(from: number, to: number): Promise<readonly Row[]>
}

/** Values of a column as its file stores them. */
export type ColumnValues = {
  readonly values: ArrayLike<unknown>
  /** Where `values` has each value once: the place of that of each row in it. */
  readonly places: Int32Array | undefined
  /** Of decimals, which are whole numbers of `10^-scale`. */
  readonly scale: number | undefined
  /** Of timestamps, which are whole numbers of it. */
  readonly unit: 'ms' | 'µs' | 'ns' | undefined
}

/**
 * A name without what spellings differ in: `SIP_Timestamp` and `sip timestamp` are `siptimestamp`. Of a single letter the case
 * counts: the messages of Alpaca have `S` for the symbol and `s` for the size.
 */
export function plainName(name: string): string {
  if (name.length === 1) return name
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
}

export function isBadRow(row: Row | BadRow): row is BadRow {
  return 'type' in row
}

/** Ends a time that its file gives as Unix seconds of any precision, as Parquet's timestamps are. */
export const SECONDS = ' s'
