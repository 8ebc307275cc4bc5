import { TradeFileError } from '../errors.ts'
import type { ColumnsOption } from './columns.ts'
import type { Format, Sample, Traits } from './format.ts'
import { FORMATS } from './formats/index.ts'
import { otherTable } from './other-files.ts'
import { plainName } from './table.ts'

/** A format, and what it says of a table. */
export type Recognised = { readonly format: Format; readonly traits: Traits }

/**
 * Finds the format of a table.
 *
 * @param label the file, and the entry of an archive
 * @throws TradeFileError when it is none of trades
 */
export function recognise(
  label: string,
  sample: Omit<Sample, 'names' | 'isNamed'>,
  { name, columns }: { readonly name: string | undefined; readonly columns: ColumnsOption | undefined },
): Recognised {
  const header = columns?.type === 'list' ? columns.names : sample.table.columns
  if (columns?.type === 'list' && sample.table.columns !== undefined)
    throw new TradeFileError(
      'columns',
      `${label} names its columns (${sample.table.columns.join(', ')}): write --columns time=NAME,price=NAME instead of a list.`,
      { file: label },
    )
  const full = {
    ...sample,
    table: { ...sample.table, columns: header },
    names: (header ?? []).map(plainName),
  }
  for (const format of FORMATS) {
    if (name !== undefined && format.name !== name) continue
    const traits = format.recognise({ ...full, isNamed: name !== undefined })
    if (traits !== undefined) return { format, traits }
    // The user has named the columns that a header hides.
    if (format.isGeneral === true && columns?.type === 'named') return { format, traits: {} }
  }
  throw unknown(label, full, name)
}

function unknown(
  label: string,
  { table, rows }: Sample | Omit<Sample, 'isNamed'>,
  name: string | undefined,
): TradeFileError {
  const { kind, columns } = table
  const other = columns === undefined ? headerlessKind(rows) : otherTable(columns)
  if (other !== undefined)
    return new TradeFileError(
      'no-trades',
      `${label} is a ${kind} file of ${other}, not of trades${other === 'bars' ? ': tickstock import --bars reads those' : ''}.`,
      {
        file: label,
      },
    )
  const [first] = rows
  const found =
    columns === undefined
      ? `it has no header, and its first row is ${shown((first ?? []).join(','))}`
      : `its columns are ${shown(columns.join(','))}`
  const advice =
    columns === undefined
      ? 'name the columns with --columns symbol,time,price,volume in their order, or the format with --format.'
      : 'it needs columns of symbol, time, price and volume under usual names, or named with --columns time=NAME,price=NAME.'
  const what = name === undefined ? 'is of no known format' : `is not of the format ${name}`
  return new TradeFileError('unknown-format', `${label} ${what}: ${found}; ${advice}`, {
    file: label,
    line: 1,
  })
}

/** Bars of Binance (12 numbers) and of Kraken (time, open, high, low, close, volume, trades). */
function headerlessKind(rows: readonly (readonly (string | undefined)[])[]): string | undefined {
  const [first] = rows
  if (first === undefined || !first.every((cell) => cell !== undefined && /^-?\d+(\.\d+)?$/.test(cell)))
    return undefined
  const [, open, high, low, close] = first.map(Number)
  const isBar =
    first.length >= 6 &&
    Math.max(open ?? 0, close ?? 0) <= (high ?? 0) &&
    Math.min(open ?? 0, close ?? 0) >= (low ?? 0)
  return isBar ? 'bars' : undefined
}

function shown(text: string): string {
  return JSON.stringify(text.length <= 100 ? text : `${text.slice(0, 100)}...`)
}
