import type { Clock } from './clock.ts'
import type { FeedTick } from './tick.ts'

/** `full-speed`: as fast as the stream takes them. `live`: each tick when the clock reaches its timestamp. */
export type Pace = 'full-speed' | 'live'

/**
 * Hands on the ticks at the given pace until `signal` aborts. A live tick is due by the clock, not by the tick
 * before it: nothing drifts, and after a stall the ticks that were missed follow at once. A tick whose timestamp
 * is no number is due at once.
 */
export async function* paced(
  source: Iterable<FeedTick> | AsyncIterable<FeedTick>,
  options: { readonly pace: Pace; readonly clock: Clock; readonly signal: AbortSignal },
): AsyncGenerator<FeedTick, void, undefined> {
  const { pace, clock, signal } = options
  for await (const tick of source) {
    if (pace === 'live') {
      const early = Number(tick.timestamp) * 1000 - clock.now()
      if (early > 0) await clock.sleep(early, signal)
    }
    if (signal.aborted) return
    yield tick
  }
}
