import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

import type { FeedProgress } from '../../feed/progress.ts'
import type { FeedTick } from '../../feed/tick.ts'

/** How often it is noted how far the ticks are on the stream, in milliseconds of their own time. */
const NOTE_EVERY_MS = 2000

/** The ticks that are on the stream. */
export type Fed = {
  /** Unix milliseconds of the first of those that follow each other without a hole; 0 where an earlier release fed them. */
  readonly since: number
  /** Unix milliseconds before which every one is there. */
  readonly until: number
}

/** What is noted in the file; undefined at the first start. */
export function readFed(file: string): Fed | undefined {
  if (!existsSync(file)) return undefined
  const [until, since = 0] = readFileSync(file, 'utf8').split(' ').map(Number)
  return Number.isFinite(until) && Number.isFinite(since) ? { until: until ?? 0, since } : undefined
}

/**
 * Passes ticks on and notes in the file how far the stream has acknowledged them. After a crash some are made again that
 * are there already: they have the same ids, and the aggregator ignores them.
 */
export function* noteFedUntil(
  ticks: Iterable<FeedTick>,
  {
    progress,
    file,
    since,
  }: { readonly progress: FeedProgress; readonly file: string; readonly since: number },
): Generator<FeedTick, void, undefined> {
  let next = 0
  for (const tick of ticks) {
    const time = Number(tick.timestamp) * 1000
    if (time >= next) {
      next = time + NOTE_EVERY_MS
      writeFed(file, { since, until: progress.until() })
    }
    progress.take(tick.symbol, time)
    yield tick
  }
}

/** Notes which ticks are on the stream. */
export function writeFed(file: string, { since, until }: Fed): void {
  writeFileSync(`${file}.new`, `${Math.floor(until)} ${since}`)
  renameSync(`${file}.new`, file)
}
