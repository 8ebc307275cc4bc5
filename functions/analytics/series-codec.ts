import { ONE } from '../domain/series.ts'
import { MINUTE_SECONDS } from '../domain/bar-builder.ts'
import type { Depth, Series } from '../domain/series.ts'
import type { NumberReader, NumberWriter } from './number-bytes.ts'
import { commonUnit, isExact, isLarge, toCount, toPrice } from './price-unit.ts'

/** Writes a series: the closes, and open, high, low and start of fewer bars. */
export function writeSeries(writer: NumberWriter, series: Series, depth: Depth): void {
  const { count, closes, opens, highs, lows, starts } = series
  const [ofCloses, ofBars] = [Math.min(count, depth.closes + 1), Math.min(count, depth.bars + 1)]
  const columns: readonly Column[] = [
    { ring: closes, count, length: ofCloses },
    ...[opens, highs, lows].map((ring) => ({ ring, count, length: ofBars })),
  ]
  const unit = unitOf(columns)
  writer.number(count)
  writer.number(unit)
  for (const column of columns) writeColumn(writer, column, unit)
  writeColumn(writer, { ring: starts, count, length: ofBars }, MINUTE_SECONDS)
}

/** Fills an initial series; values that its rings have no room for are dropped. */
export function readSeries(reader: NumberReader, series: Series): void {
  const { closes, opens, highs, lows, starts } = series
  const count = reader.number()
  const unit = reader.number()
  series.count = count
  for (const ring of [closes, opens, highs, lows]) readColumn(reader, ring, { count, unit })
  readColumn(reader, starts, { count, unit: MINUTE_SECONDS })
}

/** The last values of a ring, given how many were written. */
type Column = { readonly ring: readonly number[]; readonly count: number; readonly length: number }

function writeColumn(writer: NumberWriter, { ring, count, length }: Column, unit: number): void {
  writer.number(length)
  let last = 0
  for (let place = count - length; place < count; place++) {
    const counted = toCount(ring[place & (ring.length - 1)] ?? 0, unit)
    writer.number(counted - last)
    if (unit !== 0) last = counted
  }
}

function readColumn(
  reader: NumberReader,
  ring: number[],
  { count, unit }: { readonly count: number; readonly unit: number },
): void {
  const length = reader.number()
  let last = 0
  for (let place = count - length; place < count; place++) {
    const counted = last + reader.number()
    ring[place & (ring.length - 1)] = toPrice(counted, unit)
    if (unit !== 0) last = counted
  }
}

/** The unit of all prices kept; 0 where one is too large to be counted in what another is a multiple of. */
function unitOf(columns: readonly Column[]): number {
  let unit = ONE
  let someLarge = false
  for (const { ring, count, length } of columns)
    for (let place = count - length; place < count; place++) {
      const price = ring[place & (ring.length - 1)] ?? 0
      unit = commonUnit(unit, price)
      if (isLarge(price)) someLarge = true
    }
  return !someLarge || columns.every((column) => isExactColumn(column, unit)) ? unit : 0
}

function isExactColumn({ ring, count, length }: Column, unit: number): boolean {
  for (let place = count - length; place < count; place++)
    if (!isExact(ring[place & (ring.length - 1)] ?? 0, unit)) return false
  return true
}
