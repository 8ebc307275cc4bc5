import { ONE } from '../domain/decimal.ts'
import { MINUTE_SECONDS } from '../domain/minute.ts'
import type { Depth, Series } from '../domain/series.ts'
import type { NumberReader, NumberWriter } from './number-bytes.ts'

/** Writes what is kept of a series: the closes, and open, high, low and start of fewer bars. */
export function writeSeries(writer: NumberWriter, series: Series, depth: Depth): void {
  const { count, closes, opens, highs, lows, starts } = series
  const [ofCloses, ofBars] = [Math.min(count, depth.closes + 1), Math.min(count, depth.bars + 1)]
  let unit = unitOf(closes, { count, length: ofCloses, atMost: ONE })
  for (const ring of [opens, highs, lows]) unit = unitOf(ring, { count, length: ofBars, atMost: unit })
  writer.number(count)
  writer.number(unit)
  writeRing(writer, closes, { count, length: ofCloses, unit })
  for (const ring of [opens, highs, lows]) writeRing(writer, ring, { count, length: ofBars, unit })
  writeRing(writer, starts, { count, length: ofBars, unit: MINUTE_SECONDS })
}

/** Fills a series that has just begun; what its rings have no place for is dropped. */
export function readSeries(reader: NumberReader, series: Series): void {
  const { closes, opens, highs, lows, starts } = series
  const count = reader.number()
  const unit = reader.number()
  series.count = count
  for (const ring of [closes, opens, highs, lows]) readRing(reader, ring, { count, unit })
  readRing(reader, starts, { count, unit: MINUTE_SECONDS })
}

type Kept = { readonly count: number; readonly length: number }

function writeRing(
  writer: NumberWriter,
  ring: readonly number[],
  { count, length, unit }: Kept & { readonly unit: number },
): void {
  writer.number(length)
  let last = 0
  for (let place = count - length; place < count; place++) {
    const value = ring[place & (ring.length - 1)] ?? 0
    writer.number((value - last) / unit)
    last = value
  }
}

function readRing(
  reader: NumberReader,
  ring: number[],
  { count, unit }: { readonly count: number; readonly unit: number },
): void {
  const length = reader.number()
  let last = 0
  for (let place = count - length; place < count; place++) {
    last += reader.number() * unit
    ring[place & (ring.length - 1)] = last
  }
}

/** The largest power of ten, up to `atMost`, that every price kept is a multiple of. */
function unitOf(
  ring: readonly number[],
  { count, length, atMost }: Kept & { readonly atMost: number },
): number {
  let unit = atMost
  for (let place = count - length; place < count; place++)
    unit = commonUnit(unit, ring[place & (ring.length - 1)] ?? 0)
  return unit
}

/** The largest power of ten, up to `unit` and not below 1, that a price is a multiple of. */
export function commonUnit(unit: number, price: number): number {
  let common = unit
  while (common > 1 && Math.floor(price / common) * common !== price) common /= 10
  return common
}
