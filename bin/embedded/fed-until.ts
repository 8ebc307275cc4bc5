import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

import type { FeedTick } from '../../feed/tick.ts'

/** How far the recorded time is ahead of the ticks, in milliseconds: a crash may skip these ticks, never repeat them. */
const LEAD_MS = 2000

/** Unix milliseconds before which every synthetic tick was, or may have been, put; undefined at the first start. */
export function readFedUntil(file: string): number | undefined {
  if (!existsSync(file)) return undefined
  const value = Number(readFileSync(file, 'utf8'))
  return Number.isFinite(value) ? value : undefined
}

/**
 * Passes ticks on and records in the file how far they go, always before they do: a start after a crash continues after
 * the recorded time and puts no tick twice.
 */
export function* noteFedUntil(ticks: Iterable<FeedTick>, file: string): Generator<FeedTick, void, undefined> {
  let noted = 0
  for (const tick of ticks) {
    const time = Number(tick.timestamp) * 1000
    if (time >= noted) {
      noted = time + LEAD_MS
      writeFedUntil(file, noted)
    }
    yield tick
  }
}

/** Records the time at which the feed ended in an orderly way. */
export function writeFedUntil(file: string, time: number): void {
  writeFileSync(`${file}.new`, String(Math.ceil(time)))
  renameSync(`${file}.new`, file)
}
