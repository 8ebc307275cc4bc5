import { type Numbers, numbersOf } from './column-numbers.ts'
import { timesOf } from './column-times.ts'
import type { PlainLayout } from './plain-layout.ts'
import type { BadRow, ColumnGroup, ColumnValues, Row } from './table.ts'
import { NO_PLAIN_ID, type TradeTaker } from './trade-taker.ts'

export type ScanGroupOptions = {
  readonly plain: PlainLayout
  readonly taker: TradeTaker
  /** Takes rows that are not plain. */
  readonly take: (rows: readonly (Row | BadRow)[]) => void
  /** Unix seconds; a trade from then on is not plain. */
  readonly latest: number
}

const EARLIEST = 1e9
/** Rows that are read together where they are not plain. */
const ROWS_AT_ONCE = 50_000

/** Reads a group of rows: plain trades from its columns, others as rows, all in their order. */
export async function scanGroup(
  group: ColumnGroup,
  { plain, taker, take, latest }: ScanGroupOptions,
): Promise<void> {
  const [time, price, volume, ...others] = group.columns
  const { symbol, id } = plain.places
  const symbols = symbol === undefined ? undefined : others.shift()
  const times = time && timesOf(time, plain.unit)
  const prices = price && numbersOf(price)
  const volumes = volume && numbersOf(volume)
  const [idColumn] = others
  const ids = id === undefined || idColumn === undefined ? undefined : numbersOf(idColumn)
  const hasIds = id !== undefined
  if (times === undefined || prices === undefined || volumes === undefined || (hasIds && !isWhole(ids))) {
    for (let from = 0; from < group.length; from += ROWS_AT_ONCE)
      take(await group.rows(from, Math.min(from + ROWS_AT_ONCE, group.length)))
    return
  }
  const numberOf = symbolReader(symbols, plain, taker)
  const { seconds, nanos } = times
  let rows: readonly Row[] = []
  let rowsFrom = 0
  for (let index = 0; index < group.length; index++) {
    const at = seconds[index] ?? Number.NaN
    const units = prices.units[index] ?? Number.NaN
    const size = volumes.units[index] ?? Number.NaN
    const number = ids === undefined ? NO_PLAIN_ID : (ids.units[index] ?? Number.NaN)
    const isPlain =
      at >= EARLIEST && at < latest && units > 0 && size >= 0 && (ids === undefined || number >= 0)
    const of = isPlain ? numberOf(index) : -1
    if (of >= 0) taker.add(of, at, nanos[index] ?? 0, units, prices.scale, size, volumes.scale, number)
    else {
      if (index - rowsFrom >= rows.length) {
        rowsFrom = index
        rows = await group.rows(index, Math.min(index + ROWS_AT_ONCE, group.length))
      }
      take(rows.slice(index - rowsFrom, index - rowsFrom + 1))
    }
  }
}

function isWhole(numbers: Numbers | undefined): boolean {
  return numbers?.scale === 0
}

/** The number of the symbol of a row; −1 where it has none that is plain. */
function symbolReader(
  column: ColumnValues | undefined,
  { symbol }: PlainLayout,
  taker: TradeTaker,
): (index: number) => number {
  if (column === undefined) {
    const fixed = symbol === undefined ? -1 : (taker.symbol(symbol) ?? -1)
    return () => fixed
  }
  const { values, places } = column
  const numberOf = (value: unknown): number => {
    const isName = typeof value === 'string' && value !== '' && value.trim() === value
    return (isName ? taker.symbol(value) : undefined) ?? -1
  }
  if (places !== undefined) return codedReader(places, (place) => numberOf(values[place]))
  const numbers = new Map<unknown, number>()
  let last: unknown
  let lastNumber = -1
  return (index) => {
    const value = values[index]
    if (value === last) return lastNumber
    let number = numbers.get(value)
    if (number === undefined) numbers.set(value, (number = numberOf(value)))
    last = value
    lastNumber = number
    return number
  }
}

/** Asks for a symbol's number once a row has it. */
function codedReader(places: Int32Array, numberOf: (place: number) => number): (index: number) => number {
  const numbers: number[] = []
  return (index) => {
    const place = places[index] ?? -1
    return (numbers[place] ??= numberOf(place))
  }
}
