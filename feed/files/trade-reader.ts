import { TradeFileError } from '../errors.ts'
import type { FeedTick } from '../tick.ts'
import { type ColumnsOption, type Layout, layoutOf } from './columns.ts'
import type { Format, ReadCell, Traits } from './format.ts'
import { type BadRow, type Cell, isBadRow, plainName, type Row, type Table } from './table.ts'
import { commonUnit, secondsReader, type TimeUnit } from './times.ts'

/** A row of a file of trades; numbers are not checked here. */
export type TradeRow =
  | {
      readonly type: 'trade'
      readonly place: number
      readonly text: string
      readonly tick: FeedTick
      /** Orders the trades of one moment, where the format numbers them. */
      readonly order: number | undefined
      /** Tells equal trades of several files apart, where its id has no line. */
      readonly identity: string | undefined
    }
  | BadRow
  /** A row that is no trade to be counted: a cancelled one, or another message. */
  | { readonly type: 'left-out'; readonly place: number; readonly reason: string; readonly text: string }

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
  read(rows: readonly (Row | BadRow)[]): readonly TradeRow[]
}

export type ReaderOptions = {
  readonly symbol: string | undefined
  readonly columns: ColumnsOption | undefined
  readonly timezone: string | undefined
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
  const find = (): Layout => layoutOf(label, columns, { format, option: options.columns })
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

type RowSetup = {
  readonly layout: Layout
  readonly columns: readonly string[]
  readonly format: Format
  readonly traits: Traits
  readonly symbol: string | undefined
  readonly seconds: (text: string) => string | { readonly fault: string }
}

function rowReader({
  layout,
  columns,
  format,
  traits,
  symbol: fixed,
  seconds,
}: RowSetup): (row: Row) => TradeRow {
  const places = new Map<string, number>()
  for (const [place, name] of columns.entries())
    if (!places.has(plainName(name))) places.set(plainName(name), place)
  let cells: readonly Cell[] = []
  const cell: ReadCell = (name) => cells[places.get(name) ?? -1]
  const at = (place: number | undefined): Cell => (place === undefined ? undefined : trimmed(cells[place]))
  const orderPlace = traits.order === undefined ? undefined : places.get(traits.order)
  return ({ place, cells: given, text }) => {
    cells = given
    const left = traits.leavesOut?.(cell)
    if (left !== undefined) return { type: 'left-out', place, reason: left, text }
    const symbol = fixed ?? at(layout.symbol)
    const [time, price, volume] = [at(layout.time), at(layout.price), at(layout.volume)]
    if (!symbol || !time || !price || !volume) {
      const empty = Object.entries({ symbol, timestamp: time, price, volume }).filter(([, value]) => !value)
      return { type: 'bad-row', place, reason: `empty ${empty.map(([name]) => name).join(', ')}`, text }
    }
    const timestamp = seconds(time)
    if (typeof timestamp !== 'string') return { type: 'bad-row', place, reason: timestamp.fault, text }
    const tick: FeedTick = {
      symbol,
      timestamp,
      price: traits.price === undefined ? price : traits.price(price),
      volume,
      ...(layout.conditions !== undefined && {
        tape: at(layout.tape) || undefined,
        conditions: conditionsOf(cells[layout.conditions], traits),
      }),
    }
    const id = at(layout.id)
    const order = orderPlace === undefined ? undefined : numberOf(cells[orderPlace])
    if (!id) return { type: 'trade', place, text, tick, order, identity: undefined }
    const line = lineOf(at(layout.line), traits)
    const identity = `${line?.name ?? cell('exchange') ?? cell('x') ?? ''}\u0000${id}`
    // An id without a line of its format is unique only within an exchange, or is no number that grows.
    const counts = (line !== undefined || format.isGeneral === true) && isNumber(id)
    return { type: 'trade', place, text, tick: counts ? { ...tick, id, line } : tick, order, identity }
  }
}

function conditionsOf(text: Cell, traits: Traits): string | undefined {
  return text === undefined || traits.conditions === undefined ? undefined : traits.conditions(text)
}

function lineOf(name: Cell, { line }: Traits): FeedTick['line'] {
  return name ? { name, isContiguous: false } : line
}

/** A whole number that the stream takes as an id. */
function isNumber(id: string): boolean {
  return /^\d{1,16}$/.test(id) && Number.isSafeInteger(Number(id))
}

function numberOf(text: Cell): number | undefined {
  const number = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : undefined
}

/** Spaces around a value mean nothing; nearly all have none. */
function trimmed(text: Cell): Cell {
  if (text === undefined) return undefined
  return text.startsWith(' ') || text.endsWith(' ') ? text.trim() : text
}
