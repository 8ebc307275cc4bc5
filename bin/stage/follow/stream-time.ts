/** How long what records say of the stream's clock counts. */
const WINDOW_MS = 60_000

/**
 * The clock of a stream by what its records say: this machine's may be wrong. It is never ahead of the stream's for longer than
 * two windows, and behind it by what the fastest record took to come here.
 */
export class StreamTime {
  readonly #elapsed: () => number
  #ahead = -Infinity
  #aheadBefore = -Infinity
  #windowAt = -Infinity

  /** @param elapsed milliseconds since some moment, which no correction of a clock moves */
  constructor(elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed
  }

  /** Takes the arrival (Unix milliseconds) of a record that has come just now. */
  note(arrivedAt: number): void {
    const now = this.#elapsed()
    if (now - this.#windowAt > WINDOW_MS) {
      this.#aheadBefore = this.#ahead
      this.#ahead = -Infinity
      this.#windowAt = now
    }
    this.#ahead = Math.max(this.#ahead, arrivedAt - now)
  }

  /** Unix milliseconds of the stream's clock at a moment that `elapsed` gave; undefined before the first record. */
  at(elapsed: number): number | undefined {
    const ahead = Math.max(this.#ahead, this.#aheadBefore)
    return ahead === -Infinity ? undefined : elapsed + ahead
  }
}
