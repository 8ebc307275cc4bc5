import { ONE, zeros } from '../domain/series.ts'
import { MINUTE_SECONDS } from '../domain/bar-builder.ts'
import type { Depth, Series } from '../domain/series.ts'
import type { NumberReader, NumberWriter } from './number-bytes.ts'
import { commonUnit, countBy, isExact, isLarge, toCount } from './price-unit.ts'

/** Writes a series: the closes, and open, high, low and start of fewer bars. */
export function writeSeries(writer: NumberWriter, series: Series, depth: Depth): void {
  const { count, closes, opens, highs, lows, starts } = series
  const length = Math.min(count, depth.bars + 1)
  const columns: readonly Column[] = [
    { ring: closes, count, length: Math.min(count, depth.closes + 1) },
    { ring: opens, count, length },
    { ring: highs, count, length },
    { ring: lows, count, length },
  ]
  const unit = unitOf(columns)
  writer.number(count)
  writer.number(unit)
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index]
    if (column !== undefined) writeColumn(writer, column, unit)
  }
  writeColumn(writer, { ring: starts, count, length }, MINUTE_SECONDS)
}

/** Fills an initial series; values that its rings have no room for are dropped. */
export function readSeries(reader: NumberReader, series: Series): void {
  const { closes, opens, highs, lows, starts } = series
  const count = reader.number()
  const unit = reader.number()
  series.count = count
  const column = { count, unit }
  readColumn(reader, closes, column)
  readColumn(reader, opens, column)
  readColumn(reader, highs, column)
  readColumn(reader, lows, column)
  readColumn(reader, starts, { count, unit: MINUTE_SECONDS })
}

/** The last values of a ring, given how many were written. */
type Column = { readonly ring: readonly number[]; readonly count: number; readonly length: number }

function writeColumn(writer: NumberWriter, { ring, count, length }: Column, unit: number): void {
  writer.number(length)
  const mask = ring.length - 1
  if (unit === 0)
    for (let place = count - length; place < count; place++) writer.number(ring[place & mask] ?? 0)
  else {
    const inverse = 1 / unit
    for (let place = 0; place < length; place++) {
      const price = ring[(count - length + place) & mask] ?? 0
      const counted = countBy(inverse, price, unit)
      COUNTS[place] = Number.isNaN(counted) ? toCount(price, unit) : counted
    }
    writer.differences(COUNTS, length)
  }
}

/** Of the column that is being written; as many as any period may span. */
const COUNTS = zeros(512)

function readColumn(
  reader: NumberReader,
  ring: number[],
  { count, unit }: { readonly count: number; readonly unit: number },
): void {
  const length = reader.number()
  const from = count - length
  if (unit === 0)
    for (let place = from; place < count; place++) ring[place & (ring.length - 1)] = reader.number()
  else reader.differences(ring, { from, count: length, unit })
}

/** The unit of all prices kept; 0 where one is too large to be counted in what another is a multiple of. */
function unitOf(columns: readonly Column[]): number {
  let unit = ONE
  let inverse = 1 / unit
  let someLarge = false
  for (const { ring, count, length } of columns) {
    const mask = ring.length - 1
    for (let place = count - length; place < count; place++) {
      const price = ring[place & mask] ?? 0
      if (isLarge(price)) someLarge = true
      if (!Number.isNaN(countBy(inverse, price, unit))) continue
      unit = commonUnit(unit, price)
      inverse = 1 / unit
    }
  }
  return !someLarge || columns.every((column) => isExactColumn(column, unit)) ? unit : 0
}

function isExactColumn({ ring, count, length }: Column, unit: number): boolean {
  for (let place = count - length; place < count; place++)
    if (!isExact(ring[place & (ring.length - 1)] ?? 0, unit)) return false
  return true
}
