import { type Place, readFile } from './read-file.ts'
import { openReading, type ReadOptions } from './read-trades.ts'
import { scanGroup } from './scan-columns.ts'
import { TextScanner } from './scan-text.ts'
import type { BadRow, Row, Table } from './table.ts'
import type { TradeTaker } from './trade-taker.ts'

export type ScanOptions = ReadOptions & {
  /** Unix seconds; a trade from then on is given as a row. */
  readonly latest: number
}

/** The last row that was read. */
type Scanned = { readonly rows: readonly { readonly place: number }[] }

/**
 * Reads trades from a file as `readTrades` does, and gives each row to a taker: plain trades of delimited text and of Parquet
 * as numbers, without making rows of them, which is several times as fast. Yields between pieces of the file.
 *
 * @throws TradeFileError when the file is missing, unreadable, damaged, or none of trades; and what the taker throws
 */
export async function* scanTrades(
  file: string,
  { latest, ...options }: ScanOptions,
  taker: TradeTaker,
): AsyncGenerator<Scanned, void, undefined> {
  yield* readFile(file, {
    readTable: (table, place) => scanTable(table, place, { options, latest, taker }),
    onProgress: options.onProgress,
  })
}

type Scan = { readonly options: ReadOptions; readonly latest: number; readonly taker: TradeTaker }

async function* scanTable(
  table: Table,
  place: Place,
  { options, latest, taker }: Scan,
): AsyncGenerator<Scanned, void, undefined> {
  const { reading, traits, of, batches } = await openReading(table, place, options)
  const { plain } = reading
  taker.begin(of, traits.line)
  const take = (rows: readonly (Row | BadRow)[]): void => {
    for (const row of reading.read(rows)) taker.row(row)
  }
  const bytes = plain && table.text?.again()
  if (plain !== undefined && table.text !== undefined && bytes !== undefined) {
    const scanner = new TextScanner({ shape: table.text.shape, plain, taker, take, latest })
    for await (const chunk of bytes) {
      scanner.take(chunk)
      yield { rows: [{ place: scanner.line }] }
    }
    scanner.end()
    return
  }
  if (plain !== undefined && table.columnGroups !== undefined) {
    const { symbol, time, price, volume, id } = plain.places
    const places = [time, price, volume, ...[symbol, id].filter((each) => each !== undefined)]
    for await (const group of table.columnGroups(places)) {
      await scanGroup(group, { plain, taker, take, latest })
      yield { rows: [{ place: group.start + group.length }] }
    }
    return
  }
  for await (const rows of batches) {
    take(rows)
    yield { rows: rows.slice(-1) }
  }
}
