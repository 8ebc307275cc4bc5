import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

import type { FeedProgress } from '../../feed/progress.ts'
import type { FeedTick } from '../../feed/tick.ts'

/** How often it is noted how far the ticks are on the stream, in milliseconds of their own time. */
const NOTE_EVERY_MS = 2000

/** Unix milliseconds before which every synthetic tick is on the stream; undefined at the first start. */
export function readFedUntil(file: string): number | undefined {
  if (!existsSync(file)) return undefined
  const value = Number(readFileSync(file, 'utf8'))
  return Number.isFinite(value) ? value : undefined
}

/**
 * Passes ticks on and notes in the file how far the stream has acknowledged them. After a crash some are made again that
 * are there already: they have the same ids, and the aggregator ignores them.
 */
export function* noteFedUntil(
  ticks: Iterable<FeedTick>,
  { progress, file }: { readonly progress: FeedProgress; readonly file: string },
): Generator<FeedTick, void, undefined> {
  let next = 0
  for (const tick of ticks) {
    const time = Number(tick.timestamp) * 1000
    if (time >= next) {
      next = time + NOTE_EVERY_MS
      writeFedUntil(file, progress.until())
    }
    progress.take(tick.symbol, time)
    yield tick
  }
}

/** Notes that every tick before a time is on the stream. */
export function writeFedUntil(file: string, time: number): void {
  writeFileSync(`${file}.new`, String(Math.floor(time)))
  renameSync(`${file}.new`, file)
}
