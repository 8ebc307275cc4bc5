import type { DecodedArray } from 'hyparquet'

import type { Decimal } from '../domain/decimal.ts'
import { isTakerSide, type TakerSide } from '../domain/side.ts'
import { NO_ID, type RunType } from '../domain/trade.ts'
import type { ArchivedTrade } from './archived-trade.ts'
import { type Coded, decoded, isCoded } from '../shared/parquet/coded.ts'
import { DecimalReader } from './decimal-reader.ts'
import type { ARCHIVE_COLUMNS } from './schema.ts'

/** Trades of the archive in columns, by symbol and time: a row each, as `ArchivedTrade` describes it. */
export type ArchiveColumns = {
  readonly count: number
  readonly symbol: readonly string[]
  readonly seconds: Float64Array
  readonly nanos: Float64Array
  readonly type: readonly RunType[]
  readonly price: readonly (Decimal | undefined)[]
  readonly volume: readonly (Decimal | undefined)[]
  readonly wasPrice: readonly (Decimal | undefined)[]
  readonly wasVolume: readonly (Decimal | undefined)[]
  /** `NO_ID` where there is none. */
  readonly id: Float64Array
  readonly line: readonly (string | undefined)[]
  readonly contiguous: readonly (boolean | undefined)[]
  readonly conditions: readonly (string | undefined)[]
  readonly tape: readonly (string | undefined)[]
  readonly side: readonly (TakerSide | undefined)[]
  readonly source: readonly (string | undefined)[]
  /** -1 where there is none. */
  readonly sequence: Float64Array
  readonly shard: readonly string[]
  readonly sequenceNumber: readonly string[]
  readonly place: Float64Array
  readonly arrivedAt: Float64Array
}

/** Without sequence numbers where nearly each row has one of its own: half of what an object holds. */
export type LeanColumns = Omit<ArchiveColumns, 'sequenceNumber'> & {
  readonly sequenceNumber: readonly string[] | undefined
}

/** A column of a row group: its values, or the one that all of its rows have. */
export type Column = DecodedArray | Coded | { readonly each: unknown }

type ColumnName = (typeof ARCHIVE_COLUMNS)[number]['name']

const NANOS = 1_000_000_000n
const ABSENT: Column = { each: undefined }

function isConstant(column: Column): column is { readonly each: unknown } {
  return 'each' in column
}

/** The values of a column of numbers, or the one of all its rows. */
function numeric(column: Column): DecodedArray | { readonly each: unknown } {
  return isConstant(column) ? column : decoded(column)
}

/** Columns of one type. */
class Repeated<Value> {
  /** Of each column the one that had one value in all rows last: most groups of an object have the same, and as many rows. */
  readonly #last = new Map<ColumnName, readonly Value[]>()

  column(name: ColumnName, given: Column, count: number, read: (value: unknown) => Value): readonly Value[] {
    if (isConstant(given)) return this.#repeated(name, read(given.each), count)
    const column: Value[] = []
    // Whole at once: an array that grows with each value is copied again and again.
    column.length = count
    if (isCoded(given)) {
      const { dictionary, places } = given
      const values = Array.from<unknown, Value>(dictionary, read)
      for (let index = 0; index < count; index++) {
        const place = places[index] ?? -1
        column[index] = values[place] ?? read(dictionary[place])
      }
    } else for (let index = 0; index < count; index++) column[index] = read(given[index])
    return column
  }

  #repeated(name: ColumnName, value: Value, count: number): readonly Value[] {
    const last = this.#last.get(name)
    if (last?.length === count && last[0] === value) return last
    const column: Value[] = []
    for (let index = 0; index < count; index++) column.push(value)
    this.#last.set(name, column)
    return column
  }
}

/** Reads the row groups of an object. Columns in which all rows have one value are shared by them. */
export class ColumnReader {
  readonly #texts = new Repeated<string>()
  readonly #optional = new Repeated<string | undefined>()
  readonly #decimals = new Repeated<Decimal | undefined>()
  readonly #types = new Repeated<RunType>()
  readonly #flags = new Repeated<boolean | undefined>()
  readonly #sides = new Repeated<TakerSide | undefined>()

  /**
   * The columns of a row group, as Parquet has them.
   *
   * @throws RangeError when one has values that are none of its type
   */
  whole(given: ReadonlyMap<string, Column>, count: number): ArchiveColumns {
    return { ...this.lean(given, count), sequenceNumber: this.#textsOf(given, count, 'sequence_number') }
  }

  /**
   * The same, without sequence numbers where they were not read.
   *
   * @throws RangeError when a column has values that are none of its type
   */
  lean(given: ReadonlyMap<string, Column>, count: number): LeanColumns {
    const of = (name: ColumnName): Column => given.get(name) ?? ABSENT
    const decimals = new DecimalReader()
    const decimal = (name: ColumnName) =>
      this.#decimals.column(name, of(name), count, (value) => decimals.read(value))
    const optional = (name: ColumnName) => this.#optional.column(name, of(name), count, textOf)
    return {
      count,
      symbol: this.#textsOf(given, count, 'symbol'),
      ...timesOf(of('timestamp'), count),
      type: this.#types.column('type', of('type'), count, typeOf),
      price: decimal('price'),
      volume: decimal('volume'),
      wasPrice: decimal('was_price'),
      wasVolume: decimal('was_volume'),
      id: numbersOf(of('id'), count, NO_ID),
      line: optional('line'),
      contiguous: this.#flags.column('contiguous', of('contiguous'), count, flagOf),
      conditions: optional('conditions'),
      tape: optional('tape'),
      side: this.#sides.column('side', of('side'), count, sideOf),
      source: optional('source'),
      sequence: numbersOf(of('sequence'), count, -1),
      shard: this.#textsOf(given, count, 'shard'),
      sequenceNumber: given.has('sequence_number')
        ? this.#textsOf(given, count, 'sequence_number')
        : undefined,
      place: numbersOf(of('place'), count, 0),
      arrivedAt: numbersOf(of('arrival'), count, 0),
    }
  }

  #textsOf(given: ReadonlyMap<string, Column>, count: number, name: ColumnName): readonly string[] {
    const column = given.get(name) ?? ABSENT
    // Millions of texts are not copied.
    if (Array.isArray(column) && column.length === count && column.every(isText)) return column
    return this.#texts.column(name, column, count, (value) => textOf(value) ?? refuse(name, value))
  }
}

/** The row at a place, counted from 0. */
export function archivedTradeAt(columns: ArchiveColumns, index: number): ArchivedTrade {
  const id = columns.id[index] ?? NO_ID
  const sequence = columns.sequence[index] ?? -1
  return {
    symbol: columns.symbol[index] ?? '',
    seconds: columns.seconds[index] ?? 0,
    nanos: columns.nanos[index] ?? 0,
    type: columns.type[index] ?? 'trade',
    price: columns.price[index],
    volume: columns.volume[index],
    wasPrice: columns.wasPrice[index],
    wasVolume: columns.wasVolume[index],
    id: id === NO_ID ? undefined : id,
    line: columns.line[index],
    contiguous: columns.contiguous[index],
    conditions: columns.conditions[index],
    tape: columns.tape[index],
    side: columns.side[index],
    source: columns.source[index],
    sequence: sequence < 0 ? undefined : sequence,
    shard: columns.shard[index] ?? '',
    sequenceNumber: columns.sequenceNumber[index] ?? '',
    place: columns.place[index] ?? 0,
    arrivedAt: columns.arrivedAt[index] ?? 0,
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function timesOf(column: Column, count: number): Pick<ArchiveColumns, 'seconds' | 'nanos'> {
  const given = numeric(column)
  const seconds = new Float64Array(count)
  const nanos = new Float64Array(count)
  let before: unknown
  for (let index = 0; index < count; index++) {
    const value: unknown = isConstant(given) ? given.each : given[index]
    if (index > 0 && value === before) {
      seconds[index] = seconds[index - 1] ?? 0
      nanos[index] = nanos[index - 1] ?? 0
      continue
    }
    before = value
    if (typeof value !== 'bigint') refuse('timestamp', value)
    const whole = value / NANOS
    seconds[index] = Number(whole)
    nanos[index] = Number(value - whole * NANOS)
  }
  return { seconds, nanos }
}

function numbersOf(of: Column, count: number, none: number): Float64Array {
  const given = numeric(of)
  const column = new Float64Array(count)
  if (isConstant(given)) return column.fill(Number(given.each ?? none))
  for (let index = 0; index < count; index++) column[index] = Number(given[index] ?? none)
  return column
}

function textOf(value: unknown): string | undefined {
  return isText(value) ? value : undefined
}

function flagOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

function sideOf(value: unknown): TakerSide | undefined {
  if (value === undefined || value === null || isTakerSide(value)) return value ?? undefined
  return refuse('side', value)
}

function typeOf(value: unknown): RunType {
  if (value === 'trade' || value === 'cancel' || value === 'correct') return value
  return refuse('type', value)
}

function refuse(name: ColumnName, value: unknown): never {
  throw new RangeError(`the column ${name} has the value ${String(value)}`)
}
