import { type BadRow, type Cell, isBadRow, type Row, type Table } from './table.ts'

/** Rows by which a table is recognised. */
const SAMPLE_ROWS = 1000

type Rows = readonly (Row | BadRow)[]

/** A table with its beginning known. */
export type Sampled = {
  /** Cells of its first rows. */
  readonly sample: readonly (readonly Cell[])[]
  /** Batches of rows that were read for it, and those behind them. */
  readonly begun: readonly Rows[]
  readonly batches: AsyncIterator<Rows>
}

/** Reads as much of a table as shows what it is. */
export async function sampled(table: Table): Promise<Sampled> {
  const batches = table.batches[Symbol.asyncIterator]()
  const begun: Rows[] = []
  const sample: (readonly Cell[])[] = []
  while (sample.length === 0) {
    const next = await batches.next()
    if (next.done === true) break
    begun.push(next.value)
    for (const row of next.value.slice(0, SAMPLE_ROWS)) if (!isBadRow(row)) sample.push(row.cells)
  }
  return { sample, begun, batches }
}
