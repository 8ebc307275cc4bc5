import { TradeFileError } from '../../errors.ts'
import type { Sample } from '../format.ts'
import { FORMATS } from '../formats/index.ts'
import { otherTable } from '../other-files.ts'
import type { ReadOptions } from '../read-trades.ts'
import { plainName } from '../table.ts'
import type { BarFormat, BarTraits } from './bar-format.ts'
import { BAR_FORMATS } from './bar-formats.ts'

/**
 * Finds the format of a table of bars.
 *
 * @param label the file, and the entry of an archive
 * @throws TradeFileError when it is none of bars
 */
export function recogniseBars(
  label: string,
  { table, rows }: Pick<Sample, 'table' | 'rows'>,
  { format: name, columns }: Pick<ReadOptions, 'format' | 'columns'>,
): { readonly format: BarFormat; readonly traits: BarTraits } {
  const refuse = (problem: 'columns' | 'no-trades' | 'unknown-format', what: string): TradeFileError =>
    new TradeFileError(problem, `${label} ${what}`, { file: label, line: 1 })
  if (columns?.type === 'named' || (columns !== undefined && table.columns !== undefined))
    throw refuse(
      'columns',
      'is read by the usual names of columns: --columns with --bars only names all of a file without a header, in order.',
    )
  const header = columns?.names ?? table.columns
  const sample: Sample = {
    table: { ...table, columns: header },
    rows,
    names: (header ?? []).map(plainName),
    isNamed: name !== undefined,
  }
  for (const format of BAR_FORMATS) {
    if (name !== undefined && format.name !== name) continue
    const traits = format.recognise(sample)
    if (traits !== undefined) return { format, traits }
  }
  const { kind } = table
  const isOfTrades = FORMATS.some((format) => format.recognise(sample) !== undefined)
  if (isOfTrades) throw refuse('no-trades', `is a ${kind} file of trades, not of bars: leave --bars out.`)
  const other = header === undefined ? undefined : otherTable(header)
  if (other !== undefined && other !== 'bars')
    throw refuse('no-trades', `is a ${kind} file of ${other}, not of bars.`)
  const found =
    header === undefined
      ? `it has no header, and its first row is ${JSON.stringify((rows[0] ?? []).join(',').slice(0, 100))}`
      : `its columns are ${JSON.stringify(header.join(',').slice(0, 100))}`
  const what = name === undefined ? 'has bars of no known format' : `has no bars of the format ${name}`
  throw refuse(
    'unknown-format',
    `${what}: ${found}; it needs columns of time, open, high, low, close and volume under usual names.`,
  )
}
