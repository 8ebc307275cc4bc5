import { symbolNames } from '../../feed/symbols.ts'
import { syntheticTicks } from '../../feed/synthetic.ts'
import type { FeedTick } from '../../feed/tick.ts'

/** A load of a throw-away deployment. */
export type LiveLoad = {
  readonly symbols: number
  /** Ticks of a symbol in a second. */
  readonly rate: number
  readonly seconds: number
}

/**
 * Synthetic ticks from the next whole second on, exactly as many as asked for. A tick has its own place in its interval:
 * a time that cuts intervals would cut off one or leave one over.
 *
 * @param now Unix milliseconds
 */
export function* liveLoad({ symbols, rate, seconds }: LiveLoad, now: number): Generator<FeedTick> {
  const start = Math.ceil(now / 1000) * 1000
  const source = syntheticTicks({ symbols: symbolNames(symbols), seed: 1, intervalSeconds: 1 / rate, start })
  let left = symbols * rate * seconds
  for (const tick of source) {
    yield tick
    if (--left === 0) return
  }
}
