import type { FeedTick } from '../tick.ts'
import type { Layout } from './columns.ts'
import type { Format, ReadCell, Traits } from './format.ts'
import { type BadRow, type Cell, plainName, type Row } from './table.ts'

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

type RowSetup = {
  readonly layout: Layout
  readonly columns: readonly string[]
  readonly format: Format
  readonly traits: Traits
  readonly symbol: string | undefined
  readonly seconds: (text: string) => string | { readonly fault: string }
}

/** A function that makes trades of the rows of a table. */
export function rowReader({
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
      ...(layout.side !== undefined && { side: sideOf(cells[layout.side] ?? '', traits) }),
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

function sideOf(text: string, { side = plainSide }: Traits): FeedTick['side'] {
  return side(text.trim().toLowerCase())
}

function plainSide(text: string): FeedTick['side'] {
  return text === 'buy' || text === 'sell' ? text : undefined
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
