import { TradeFileError } from '../../../feed/errors.ts'
import { type Place, readFile } from '../../../feed/files/read-file.ts'
import type { ReadOptions } from '../../../feed/files/read-trades.ts'
import { sampled } from '../../../feed/files/sampled.ts'
import { isBadRow, plainName, type Table } from '../../../feed/files/table.ts'
import { ACTION_COLUMNS, type ActionRole } from './action-columns.ts'
import { type FileAction, parseActions } from './parse-action.ts'

/** A row of a file of corporate actions. */
type ActionRow = { readonly place: number; readonly text: string } & (
  | { readonly type: 'actions'; readonly actions: readonly FileAction[] }
  | { readonly type: 'bad'; readonly reason: string; readonly detail: string }
  | { readonly type: 'left-out'; readonly reason: string; readonly detail: string }
)

export type ActionBatch = {
  /** `actions.csv: corporate actions (CSV), symbol AAPL`. */
  readonly description: string
  readonly label: string
  readonly rows: readonly ActionRow[]
}

type Options = Pick<ReadOptions, 'columns' | 'symbol'>

/**
 * Reads splits and cash dividends from a file, in memory that does not grow with it.
 *
 * @throws TradeFileError when the file is missing, unreadable, damaged, or has no columns of corporate actions
 */
export function readActions(
  file: string,
  options: Options = {},
): AsyncGenerator<ActionBatch, void, undefined> {
  return readFile(file, {
    readTable: (table, place) => readTable(table, place, options),
    onProgress: undefined,
  })
}

async function* readTable(
  table: Table,
  { label, compression }: Place,
  { columns: given, symbol }: Options,
): AsyncGenerator<ActionBatch, void, undefined> {
  const { batches } = await sampled(table)
  const columns = table.columns ?? (given?.type === 'list' ? given.names : [])
  refuseOther(label, columns, symbol)
  const packed = [table.kind, ...compression].join(', ')
  const description = `${label}: corporate actions (${packed})${symbol === undefined ? '' : `, symbol ${symbol}`}`
  for await (const rows of batches) {
    // Later rows of NDJSON may have more columns.
    const places = placesOf(columns)
    const read = rows.map((row): ActionRow => {
      const { place, text } = row
      if (isBadRow(row)) return { type: 'bad', reason: 'bad-row', detail: row.reason, place, text }
      const value = (role: ActionRole): string => {
        for (const at of places[role]) {
          const cell = row.cells[at]?.trim() ?? ''
          if (cell !== '') return cell
        }
        return ''
      }
      const found = parseActions(value, symbol)
      return 'type' in found ? { ...found, place, text } : { type: 'actions', actions: found, place, text }
    })
    yield { description, label, rows: read }
  }
}

/** Places of the columns of each role, in the order of their names. */
function placesOf(columns: readonly string[]): Readonly<Record<ActionRole, readonly number[]>> {
  const names = columns.map(plainName)
  const of = (role: ActionRole): readonly number[] =>
    ACTION_COLUMNS[role].map((name) => names.indexOf(plainName(name))).filter((place) => place >= 0)
  return {
    symbol: of('symbol'),
    date: of('date'),
    kind: of('kind'),
    id: of('id'),
    new: of('new'),
    old: of('old'),
    ratio: of('ratio'),
    amount: of('amount'),
  }
}

function refuseOther(label: string, columns: readonly string[], symbol: string | undefined): void {
  const places = placesOf(columns)
  const refuse = (what: string): TradeFileError =>
    new TradeFileError('columns', `${label} ${what}`, { file: label, line: 1 })
  if (places.symbol.length === 0 && symbol === undefined)
    throw new TradeFileError(
      'no-symbol',
      `${label} does not say which symbol its actions are of: give it with --symbol.`,
      { file: label },
    )
  if (places.symbol.length > 0 && symbol !== undefined)
    throw refuse(`has symbols in a column of its own: leave --symbol ${symbol} out.`)
  const hasRatio = places.ratio.length > 0 || (places.new.length > 0 && places.old.length > 0)
  if (places.date.length > 0 && (hasRatio || places.amount.length > 0)) return
  const found =
    columns.length === 0 ? 'it has no header' : `its columns are ${columns.join(', ').slice(0, 200)}`
  throw refuse(
    `has no corporate actions under known names: ${found}; it needs symbol, ex_date, and split_to and split_from, or amount.`,
  )
}
