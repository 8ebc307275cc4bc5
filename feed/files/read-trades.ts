import type { ColumnsOption } from './columns.ts'
import type { Compression } from './content.ts'
import { type Place, readFile, type ReadProgress } from './read-file.ts'
import type { Traits } from './format.ts'
import { recognise } from './recognise.ts'
import type { TradeRow } from './row-reader.ts'
import { type Sampled, sampled } from './sampled.ts'
import type { Table } from './table.ts'
import { createReading, type Reading } from './trade-reader.ts'

/** How files are read. */
export type ReadOptions = {
  /** Name of a format. @default recognised by header and content */
  readonly format?: string | undefined
  readonly columns?: ColumnsOption | undefined
  /** The symbol of files that do not say it. */
  readonly symbol?: string | undefined
  /** IANA name of the zone of times that name none. */
  readonly timezone?: string | undefined
  /** Whether trades have their side, where there is a column of it; rows are then read one by one. @default false */
  readonly sides?: boolean | undefined
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined
}

/** A file of trades, or an entry of an archive, as it is understood. */
export type TradeTable = Pick<Table, 'kind'> &
  Pick<Reading, 'format' | 'unit' | 'used' | 'unused' | 'symbol'> & {
    /** `trades.zip: BTCUSDT-trades-2025-01-01.csv`. */
    readonly label: string
    readonly compression: readonly (Compression | 'zip')[]
  }

/** Rows of one table, in order. The first batch of a table may be empty. */
export type TradeBatch = { readonly table: TradeTable; readonly rows: readonly TradeRow[] }

/**
 * Reads trades from a file of any format in `formats/`, in memory that does not grow with it.
 *
 * @throws TradeFileError when the file is missing, unreadable, damaged, or none of trades
 */
export function readTrades(
  file: string,
  options: ReadOptions = {},
): AsyncGenerator<TradeBatch, void, undefined> {
  return readFile(file, {
    readTable: (table, place) => readTable(table, place, options),
    onProgress: options.onProgress,
  })
}

/** A table that is open, and how it is read. */
export type OpenReading = {
  readonly reading: Reading
  readonly traits: Traits
  readonly of: TradeTable
  readonly batches: Sampled['batches']
}

/** @throws TradeFileError where a table is none of trades */
export async function openReading(
  table: Table,
  { label, compression }: Place,
  options: ReadOptions,
): Promise<OpenReading> {
  const { sample, batches } = await sampled(table)
  const { format, traits } = recognise(
    label,
    { table, rows: sample },
    { name: options.format, columns: options.columns },
  )
  const reading = createReading(
    label,
    { table, sample },
    {
      format,
      traits,
      options: {
        symbol: options.symbol,
        columns: options.columns,
        timezone: options.timezone,
        sides: options.sides,
      },
    },
  )
  const { unit, used, unused, symbol } = reading
  const of: TradeTable = { kind: table.kind, format, unit, used, unused, symbol, label, compression }
  return { reading, traits, of, batches }
}

async function* readTable(
  table: Table,
  place: Place,
  options: ReadOptions,
): AsyncGenerator<TradeBatch, void, undefined> {
  const { reading, of, batches } = await openReading(table, place, options)
  for await (const rows of batches) yield { table: of, rows: reading.read(rows) }
}
