import { ONE } from '../domain/decimal.ts'
import { MINUTE_SECONDS } from '../domain/minute.ts'
import { ago, type Column, type Depth, type Series } from '../domain/series.ts'
import type { NumberReader, NumberWriter } from './number-bytes.ts'

const BAR_PRICES = ['opens', 'highs', 'lows'] as const

/** Writes what is kept of a series: the closes, and open, high, low and start of fewer bars. */
export function writeSeries(writer: NumberWriter, series: Series, depth: Depth): void {
  const { count } = series
  const closes = Math.min(count, depth.closes + 1)
  const bars = Math.min(count, depth.bars + 1)
  const unit = unitOf(series, { closes, bars })
  writer.number(count)
  writer.number(unit)
  writeColumn(writer, series, { column: 'closes', length: closes, unit })
  for (const column of BAR_PRICES) writeColumn(writer, series, { column, length: bars, unit })
  writeColumn(writer, series, { column: 'starts', length: bars, unit: MINUTE_SECONDS })
}

/** Fills a series that has just begun; what its rings have no place for is dropped. */
export function readSeries(reader: NumberReader, series: Series): void {
  series.count = reader.number()
  const unit = reader.number()
  for (const column of ['closes', ...BAR_PRICES] as const) readColumn(reader, series, { column, unit })
  readColumn(reader, series, { column: 'starts', unit: MINUTE_SECONDS })
}

function writeColumn(
  writer: NumberWriter,
  series: Series,
  { column, length, unit }: { readonly column: Column; readonly length: number; readonly unit: number },
): void {
  writer.number(length)
  let last = 0
  for (let bars = length - 1; bars >= 0; bars--) {
    const value = ago(series, column, bars)
    writer.number((value - last) / unit)
    last = value
  }
}

function readColumn(
  reader: NumberReader,
  series: Series,
  { column, unit }: { readonly column: Column; readonly unit: number },
): void {
  const ring = series[column]
  const length = reader.number()
  let last = 0
  for (let place = series.count - length; place < series.count; place++) {
    last += reader.number() * unit
    ring[place & (ring.length - 1)] = last
  }
}

/** The largest power of ten, up to one, that every price kept is a multiple of. */
function unitOf(
  series: Series,
  { closes, bars }: { readonly closes: number; readonly bars: number },
): number {
  let unit = ONE
  for (let back = 0; back < closes; back++) unit = commonUnit(unit, ago(series, 'closes', back))
  for (const column of BAR_PRICES)
    for (let back = 0; back < bars; back++) unit = commonUnit(unit, ago(series, column, back))
  return unit
}

/** The largest power of ten, up to `unit` and not below 1, that a price is a multiple of. */
export function commonUnit(unit: number, price: number): number {
  let common = unit
  while (common > 1 && Math.floor(price / common) * common !== price) common /= 10
  return common
}
