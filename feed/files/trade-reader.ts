import { TradeFileError } from '../errors.ts'
import { type ColumnsOption, type Layout, layoutOf } from './columns.ts'
import type { Format, Traits } from './format.ts'
import { type PlainLayout, plainLayout } from './plain-layout.ts'
import { rowReader, type TradeRow } from './row-reader.ts'
import { type BadRow, type Cell, isBadRow, type Row, type Table } from './table.ts'
import { commonUnit, secondsReader, type TimeUnit } from './times.ts'

/** How a table is read. */
export type Reading = {
  readonly format: Format
  readonly unit: TimeUnit | undefined
  /** Names of the columns that are used, by role. */
  readonly used: ReadonlyMap<string, string>
  /** Names of the columns that are not. */
  readonly unused: readonly string[]
  /** Of all rows; undefined where a column has it. */
  readonly symbol: string | undefined
  /** Where plain trades are; undefined where each row is to be read by its format. */
  readonly plain: PlainLayout | undefined
  read(rows: readonly (Row | BadRow)[]): readonly TradeRow[]
}

export type ReaderOptions = {
  readonly symbol: string | undefined
  readonly columns: ColumnsOption | undefined
  readonly timezone: string | undefined
  readonly sides: boolean | undefined
}

/** @throws TradeFileError where a column or the symbol is missing */
export function createReading(
  label: string,
  { table, sample }: { readonly table: Table; readonly sample: readonly (readonly Cell[])[] },
  {
    format,
    traits,
    options,
  }: { readonly format: Format; readonly traits: Traits; readonly options: ReaderOptions },
): Reading {
  const columns =
    table.columns ?? traits.columns ?? (options.columns?.type === 'list' ? options.columns.names : [])
  const find = (): Layout =>
    layoutOf(label, columns, { format, option: options.columns, sides: options.sides })
  let layout = find()
  requireColumns(label, { layout, columns })
  const symbol = symbolFor(label, { layout, columns, traits, given: options.symbol })
  const { time = -1 } = layout
  const unit = traits.unit ?? commonUnit(sample.map((cells) => cells[time] ?? ''))
  const seconds = traits.time ?? secondsReader(unit ?? 's', options.timezone)
  let width = columns.length
  let read = rowReader({ layout, columns, format, traits, symbol, seconds })
  return {
    format,
    unit: traits.time === undefined ? unit : undefined,
    used: new Map(Object.entries(layout).map(([role, place]) => [role, columns[place] ?? ''])),
    unused: columns.filter((name, place) => name !== '-' && !Object.values(layout).includes(place)),
    symbol,
    plain: plainLayout(layout, { format, traits, symbol, unit }),
    read: (rows) => {
      // NDJSON may have further columns in later lines.
      if (columns.length !== width) {
        width = columns.length
        layout = find()
        read = rowReader({ layout, columns, format, traits, symbol, seconds })
      }
      return rows.map((row) => (isBadRow(row) ? row : read(row)))
    },
  }
}

function requireColumns(
  label: string,
  { layout, columns }: { readonly layout: Layout; readonly columns: readonly string[] },
): void {
  const missing = (['time', 'price', 'volume'] as const).filter((role) => layout[role] === undefined)
  if (missing.length === 0) return
  throw new TradeFileError(
    'columns',
    `${label} has no column of ${missing.join(' and ')}: its columns are ${columns.join(', ')}; name them with --columns ${missing.map((role) => `${role}=NAME`).join(',')}.`,
    { file: label, line: 1 },
  )
}

function symbolFor(
  label: string,
  {
    layout,
    columns,
    traits,
    given,
  }: {
    readonly layout: Layout
    readonly columns: readonly string[]
    readonly traits: Traits
    readonly given: string | undefined
  },
): string | undefined {
  const column = layout.symbol === undefined ? undefined : columns[layout.symbol]
  if (given !== undefined && column !== undefined)
    throw new TradeFileError(
      'columns',
      `${label} has the symbols in its column ${JSON.stringify(column)}: leave --symbol ${given} out.`,
      { file: label },
    )
  const symbol = given ?? traits.symbol
  if (symbol === undefined && column === undefined)
    throw new TradeFileError(
      'no-symbol',
      `${label} does not say which symbol its trades are of: give it with --symbol.`,
      { file: label },
    )
  return column === undefined ? symbol : undefined
}
