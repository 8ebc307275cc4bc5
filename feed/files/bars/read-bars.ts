import { TradeFileError } from '../../errors.ts'
import type { ReadCell } from '../format.ts'
import { type Place, readFile } from '../read-file.ts'
import type { ReadOptions, TradeTable } from '../read-trades.ts'
import { sampled } from '../sampled.ts'
import { type BadRow, type Cell, isBadRow, plainName, type Row, type Table } from '../table.ts'
import { commonUnit, secondsReader } from '../times.ts'
import type { BarFormat, BarRole, BarTraits } from './bar-format.ts'
import { recogniseBars } from './recognise-bars.ts'

/** A bar of a file; numbers are not checked here. */
export type FileBar = {
  readonly symbol: string
  /** Unix seconds of its start, as decimal text. */
  readonly timestamp: string
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  /** Σ(price·volume), volume-weighted price and number of trades, where the file tells them. */
  readonly notional: string | undefined
  readonly vwap: string | undefined
  readonly trades: string | undefined
}

/** A row of a file of bars. */
export type BarFileRow =
  | { readonly type: 'bar'; readonly place: number; readonly text: string; readonly bar: FileBar }
  | BadRow
  | { readonly type: 'left-out'; readonly place: number; readonly reason: string; readonly text: string }

/** A file of bars, or an entry of an archive, as it is understood. */
export type BarTable = Omit<TradeTable, 'format'> & { readonly format: BarFormat }

export type BarBatch = { readonly table: BarTable; readonly rows: readonly BarFileRow[] }

const NEEDED = ['time', 'open', 'high', 'low', 'close', 'volume'] as const
const ROLES: readonly BarRole[] = ['symbol', ...NEEDED, 'notional', 'vwap', 'trades']

/**
 * Reads bars of one minute from a file of any format in `bar-formats.ts`, in memory that does not grow with it.
 *
 * @throws TradeFileError when the file is missing, unreadable, damaged, or none of such bars
 */
export function readBars(file: string, options: ReadOptions = {}): AsyncGenerator<BarBatch, void, undefined> {
  return readFile(file, {
    readTable: (table, place) => readTable(table, place, options),
    onProgress: options.onProgress,
  })
}

async function* readTable(
  table: Table,
  { label, compression }: Place,
  options: ReadOptions,
): AsyncGenerator<BarBatch, void, undefined> {
  const { sample, batches } = await sampled(table)
  const { format, traits } = recogniseBars(label, { table, rows: sample }, options)
  const columns =
    table.columns ?? traits.columns ?? (options.columns?.type === 'list' ? options.columns.names : [])
  const layout = layoutOf(label, columns, format)
  const symbol = symbolOf(label, { layout, columns, given: options.symbol ?? traits.symbol })
  const times = sample.map((cells) => cells[layout.time ?? -1] ?? '')
  const unit = traits.unit ?? commonUnit(times)
  const seconds = traits.time ?? secondsReader(unit ?? 's', options.timezone)
  refuseLonger(label, traits.minutes ?? distanceOf(times.map(seconds)))
  const read = barReader({ columns, layout, traits, symbol, seconds })
  const of: BarTable = {
    kind: table.kind,
    format,
    unit: traits.time === undefined ? unit : undefined,
    used: new Map(Object.entries(layout).map(([role, place]) => [role, columns[place] ?? ''])),
    unused: columns.filter((name, place) => name !== '-' && !Object.values(layout).includes(place)),
    symbol,
    label,
    compression,
  }
  for await (const rows of batches)
    yield { table: of, rows: rows.map((row) => (isBadRow(row) ? row : read(row))) }
}

type Layout = Partial<Readonly<Record<BarRole, number>>>

function layoutOf(label: string, columns: readonly string[], format: BarFormat): Layout {
  const names = columns.map(plainName)
  const layout: Partial<Record<BarRole, number>> = {}
  for (const role of ROLES) {
    const name = (format.columns[role] ?? []).find((each) => names.includes(each))
    if (name !== undefined) layout[role] = names.indexOf(name)
  }
  const missing = NEEDED.filter((role) => layout[role] === undefined)
  if (missing.length === 0) return layout
  throw new TradeFileError(
    'columns',
    `${label} has no column of ${missing.join(' and ')}: its columns are ${columns.join(', ')}.`,
    { file: label, line: 1 },
  )
}

function symbolOf(
  label: string,
  {
    layout,
    columns,
    given,
  }: { readonly layout: Layout; readonly columns: readonly string[]; readonly given: string | undefined },
): string | undefined {
  if (layout.symbol === undefined && given === undefined)
    throw new TradeFileError(
      'no-symbol',
      `${label} does not say which symbol its bars are of: give it with --symbol.`,
      { file: label },
    )
  if (layout.symbol === undefined) return given
  if (given === undefined) return undefined
  throw new TradeFileError(
    'columns',
    `${label} has the symbols in its column ${JSON.stringify(columns[layout.symbol])}: leave --symbol ${given} out.`,
    { file: label },
  )
}

/** Minutes that all of some times lie apart, in multiples; undefined for fewer than three. */
function distanceOf(times: readonly (string | { readonly fault: string })[]): number | undefined {
  const minutes = [
    ...new Set(times.map((time) => (typeof time === 'string' ? Number(time) / 60 : Number.NaN))),
  ]
  const [first, ...others] = minutes.filter((each) => Number.isSafeInteger(each))
  if (first === undefined || others.length < 2) return undefined
  return others.map((each) => Math.abs(each - first)).reduce(greatestDivisor)
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other)
}

function refuseLonger(label: string, minutes: number | undefined): void {
  if (minutes === undefined || minutes === 1) return
  const length = minutes < 1 ? `${Math.round(minutes * 60)} seconds` : `${minutes} minutes`
  throw new TradeFileError(
    'no-trades',
    `${label} has bars of ${length}: only bars of one minute can be imported, from which longer ones are computed.`,
    { file: label },
  )
}

function barReader({
  columns,
  layout,
  traits,
  symbol: fixed,
  seconds,
}: {
  readonly columns: readonly string[]
  readonly layout: Layout
  readonly traits: BarTraits
  readonly symbol: string | undefined
  readonly seconds: (text: string) => string | { readonly fault: string }
}): (row: Row) => BarFileRow {
  const places = new Map(columns.map((name, place) => [plainName(name), place] as const).toReversed())
  let cells: readonly Cell[] = []
  const cell: ReadCell = (name) => cells[places.get(name) ?? -1]
  const at = (role: BarRole): string => cells[layout[role] ?? -1]?.trim() ?? ''
  const price = (role: BarRole): string => (traits.price ?? ((text: string) => text))(at(role))
  return ({ place, cells: given, text }) => {
    cells = given
    const left = traits.leavesOut?.(cell)
    if (left !== undefined) return { type: 'left-out', place, reason: left, text }
    const symbol = fixed ?? at('symbol')
    const empty = [...NEEDED.filter((role) => at(role) === ''), ...(symbol === '' ? ['symbol'] : [])]
    if (empty.length > 0) return { type: 'bad-row', place, reason: `empty ${empty.join(', ')}`, text }
    const timestamp = seconds(at('time'))
    if (typeof timestamp !== 'string') return { type: 'bad-row', place, reason: timestamp.fault, text }
    const bar: FileBar = {
      symbol,
      timestamp,
      open: price('open'),
      high: price('high'),
      low: price('low'),
      close: price('close'),
      volume: at('volume'),
      notional: at('notional') || undefined,
      vwap: at('vwap') || undefined,
      trades: at('trades') || undefined,
    }
    return { type: 'bar', place, text, bar }
  }
}
