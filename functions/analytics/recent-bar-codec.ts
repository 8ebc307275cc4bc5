import { ONE } from '../domain/series.ts'
import { MINUTE_SECONDS } from '../domain/bar-builder.ts'
import type { SeriesBar } from '../domain/series.ts'
import type { RecentBar } from '../domain/signals.ts'
import type { NumberReader, NumberWriter } from './number-bytes.ts'
import { commonUnit, isExact, toCount, toPrice } from './price-unit.ts'

/** Writes a bar that may still be revised. */
export function writeRecent(
  writer: NumberWriter,
  { bar, barRevision, revision, withdrawn, found }: RecentBar,
): void {
  const { start, open, high, low, close, volume, vwap } = bar
  const common = commonUnit(commonUnit(commonUnit(commonUnit(ONE, open), high), low), close)
  const isWhole =
    isExact(open, common) && isExact(high, common) && isExact(low, common) && isExact(close, common)
  const unit = isWhole ? common : 0
  const base = unit === 0 ? 0 : toCount(open, unit)
  writer.number(unit)
  writer.number(toCount(open, unit))
  writer.number(toCount(high, unit) - base)
  writer.number(toCount(low, unit) - base)
  writer.number(toCount(close, unit) - base)
  writer.number(start / MINUTE_SECONDS)
  writeVolume(writer, volume)
  // A release that does not know withdrawn bars reads one as a bar that any revision replaces.
  const signed = withdrawn ? -barRevision : barRevision
  writer.number(vwap)
  writer.number(signed)
  writer.number(revision)
  writer.number(found.length)
  for (const name of found) writer.text(name)
}

/** Reads what `writeRecent` wrote. */
export function readRecent(reader: NumberReader): RecentBar {
  const unit = reader.number()
  const open = reader.number()
  const base = unit === 0 ? 0 : open
  const high = toPrice(base + reader.number(), unit)
  const low = toPrice(base + reader.number(), unit)
  const close = toPrice(base + reader.number(), unit)
  const start = reader.number() * MINUTE_SECONDS
  const volume = reader.number() * ONE + reader.number()
  const vwap = reader.number()
  // In the order of a bar of the stream, so that the engine keeps both alike.
  const bar: SeriesBar = { start, open: toPrice(open, unit), high, low, close, volume, vwap }
  const signed = reader.number()
  const revision = reader.number()
  const found: string[] = []
  for (let left = reader.number(); left > 0; left--) found.push(reader.text())
  return { bar, barRevision: Math.abs(signed), revision, withdrawn: signed < 0, found }
}

/** The whole part and the rest; 0 and all of it where these would not add up to the bit. */
function writeVolume(writer: NumberWriter, volume: number): void {
  const part = Math.floor(volume / ONE)
  const whole = part * ONE + (volume - part * ONE) === volume ? part : 0
  writer.number(whole)
  writer.number(volume - whole * ONE)
}
