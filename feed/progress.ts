/** The ticks of a symbol that are on their way: their times in order, and how many of them are on the stream. */
type Waiting = { readonly times: number[]; done: number }

/** Acknowledged ticks of a symbol whose times are kept before they are dropped together. */
const KEPT = 1024

/** How far a feed is on the stream, though the ticks of different symbols get there in any order. */
export class FeedProgress {
  /** Symbols with ticks that are not on the stream. */
  readonly #waiting = new Map<string, Waiting>()
  #newest: number

  /** @param begin Unix milliseconds before which there is nothing to put */
  constructor(begin: number) {
    this.#newest = begin
  }

  /** A tick is about to be put; ticks come in the order of their time (Unix milliseconds). */
  take(symbol: string, time: number): void {
    this.#newest = Math.max(this.#newest, time)
    const waiting = this.#waiting.get(symbol)
    if (waiting === undefined) this.#waiting.set(symbol, { times: [time], done: 0 })
    else waiting.times.push(time)
  }

  /** The next so many ticks of a symbol are on the stream. */
  acknowledge(symbol: string, ticks: number): void {
    const waiting = this.#waiting.get(symbol)
    if (waiting === undefined) return
    waiting.done += ticks
    if (waiting.done >= waiting.times.length) this.#waiting.delete(symbol)
    else if (waiting.done >= KEPT) {
      waiting.times.splice(0, waiting.done)
      waiting.done = 0
    }
  }

  /** Unix milliseconds before which every tick of every symbol is on the stream. */
  until(): number {
    let until = this.#newest
    for (const { times, done } of this.#waiting.values()) until = Math.min(until, times[done] ?? until)
    return until
  }
}
