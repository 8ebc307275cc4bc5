import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../feed/clock.ts'

type Sleeper = { readonly wakeAt: number; readonly wake: () => void }

/** A clock that stands still until `run` or `advance` moves it to the next sleeper's time. */
export class VirtualClock implements Clock {
  #now: number
  readonly #sleepers: Sleeper[] = []

  constructor(now = 1_760_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  /** Sets the time, as an operator or a stall does, without waking anyone. */
  set(now: number): void {
    this.#now = now
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#add({ wakeAt: this.#now + Math.max(0, ms), wake: resolve })
    signal?.addEventListener('abort', () => resolve(), { once: true })
    await promise
  }

  /** Moves time on by `ms`, waking whoever is due on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await nextTurn()
    while ((this.#sleepers[0]?.wakeAt ?? Infinity) <= end) await this.#wakeNext()
    this.#now = end
  }

  /** Moves time on as far as the promise needs. */
  async run<T>(work: Promise<T>): Promise<T> {
    let done = false
    const settled = work.finally(() => {
      done = true
    })
    settled.catch(() => undefined)
    for (let idle = 0; idle < 1000; idle++) {
      await nextTurn()
      if (done) return settled
      if (this.#sleepers.length > 0) idle = 0
      await this.#wakeNext()
    }
    throw new Error('The work waits for something other than the clock.')
  }

  /** In the order of their times; of the same time, who came first. */
  #add(sleeper: Sleeper): void {
    let [from, to] = [0, this.#sleepers.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.#sleepers[middle]?.wakeAt ?? 0) <= sleeper.wakeAt) from = middle + 1
      else to = middle
    }
    this.#sleepers.splice(from, 0, sleeper)
  }

  async #wakeNext(): Promise<void> {
    const next = this.#sleepers.shift()
    if (next === undefined) return
    this.#now = Math.max(this.#now, next.wakeAt)
    next.wake()
    await nextTurn()
  }
}
