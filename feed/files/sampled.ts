import { type BadRow, type Cell, isBadRow, type Row, type Table } from './table.ts'

/** Rows by which a table is recognised. */
const SAMPLE_ROWS = 1000

type Rows = readonly (Row | BadRow)[]

/** A table with its beginning known. */
export type Sampled = {
  /** Cells of its first rows. */
  readonly sample: readonly (readonly Cell[])[]
  /** All batches of rows, also those that were read for it. */
  readonly batches: AsyncGenerator<Rows, void, undefined>
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
  return { sample, batches: continued(begun, batches) }
}

async function* continued(
  begun: readonly Rows[],
  batches: AsyncIterator<Rows>,
): AsyncGenerator<Rows, void, undefined> {
  try {
    yield* begun
    for (let next = await batches.next(); next.done !== true; next = await batches.next()) yield next.value
  } finally {
    await batches.return?.()
  }
}
