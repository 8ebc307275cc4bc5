import { TooExactError, type WriteOptions } from '../../functions/api/formats/columns.ts'
import type { SideSource } from '../../functions/domain/other-bars/sides.ts'
import { CHUNK_ROWS, chunkedFile } from '../../functions/rebuilder/export/export-files.ts'
import type { ExportFormat } from '../../functions/rebuilder/export/export-task.ts'
import { UsageError } from '../terminal/errors.ts'
import type { SymbolBars } from './archived-bars.ts'
import { otherBarTable, type OtherBarRow } from './other-bar-rows.ts'
import { writePieces } from './write-pieces.ts'

/** How bars of any kind are written. */
export type OtherBarsForm = WriteOptions & {
  readonly format: ExportFormat
  readonly side: SideSource
  /** Rows of a batch of Arrow and of a row group of Parquet, at the most. @default 50,000 */
  readonly chunkRows?: number
}

type Bars = AsyncIterable<SymbolBars> | Iterable<SymbolBars>

/**
 * Writes bars to a file, in their order.
 *
 * @returns how many there are
 * @throws Error that names the file when it could not be written to its end; then what was there before stays
 */
export async function writeOtherBars(file: string, bars: Bars, form: OtherBarsForm): Promise<number> {
  let rows = 0
  const counted = async function* () {
    for await (const piece of otherBarPieces(bars, form)) {
      rows += piece.rows
      yield piece.bytes
    }
  }
  await writePieces(file, counted())
  return rows
}

/** A piece of a file, and the bars in it. */
type Piece = { readonly bytes: Buffer; readonly rows: number }

/** The file of bars, piece by piece: what is held are the rows of one. */
export async function* otherBarPieces(
  bars: Bars,
  { format, side, chunkRows = CHUNK_ROWS, ...options }: OtherBarsForm,
): AsyncGenerator<Piece, void, undefined> {
  const file = chunkedFile(format, { tableOf: otherBarTable(side), ...options })
  const notes = []
  // It goes with the first bars: where there can be none, nothing is written before it is said why.
  let begin: Buffer = await file.begin()
  let at = begin.length
  const behind = (bytes: Buffer): Buffer => {
    const whole = begin.length === 0 ? bytes : Buffer.concat([begin, bytes])
    begin = Buffer.alloc(0)
    return whole
  }
  for await (const rows of chunksOf(bars, { format, chunkRows })) {
    const { bytes, note } = await file.chunk(rows).catch(inPlainWords)
    if (note !== undefined) notes.push({ at, note })
    at += bytes.length
    yield { bytes: behind(bytes), rows: rows.length }
  }
  yield { bytes: behind(await file.end(notes)), rows: 0 }
}

/** Formats of lines are written as bars come; the others in chunks of so many rows. */
async function* chunksOf(
  bars: Bars,
  { format, chunkRows }: { readonly format: ExportFormat; readonly chunkRows: number },
): AsyncGenerator<readonly OtherBarRow[], void, undefined> {
  const isOfLines = format === 'csv' || format === 'ndjson'
  let rows: OtherBarRow[] = []
  for await (const { symbol, bars: some } of bars) {
    for (const bar of some) {
      rows.push({ symbol, bar })
      if (rows.length < chunkRows) continue
      yield rows
      rows = []
    }
    if (!isOfLines || rows.length === 0) continue
    yield rows
    rows = []
  }
  if (rows.length > 0) yield rows
}

function inPlainWords(error: unknown): never {
  if (!(error instanceof TooExactError)) throw error
  throw new UsageError(
    `${error.detail}: CSV and NDJSON have all digits, and npx tickstock bars --text-numbers writes decimals as text`,
  )
}
