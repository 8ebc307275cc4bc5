import type { Place } from './symbol-line.ts'
import type { MissingTrades, VenueTrade } from './venue.ts'

/** The trades of a symbol that were given to the publisher and are not known to be on the stream. */
export class InFlight {
  readonly #waiting: VenueTrade[] = []
  /** Of these, the first so many are on the stream. */
  #done = 0
  #newest: Place | undefined

  constructor(place?: Place) {
    this.#newest = place
  }

  add(trade: VenueTrade): void {
    this.#waiting.push(trade)
  }

  /** The first so many are on the stream. */
  acknowledge(count: number): void {
    for (const { id, timestamp } of this.#waiting.slice(this.#done, this.#done + count))
      if (this.#newest === undefined || id > this.#newest.id) this.#newest = { id, timestamp }
    this.#done += count
    if (this.#done * 2 < this.#waiting.length) return
    this.#waiting.splice(0, this.#done)
    this.#done = 0
  }

  /**
   * The place up to which every trade is on the stream or was given up; who goes on from there leaves none out.
   *
   * @param gaps what is missing, ascending
   */
  place(gaps: readonly MissingTrades[]): Place | undefined {
    const [gap] = gaps
    let place = this.#newest
    if (place !== undefined && gap !== undefined && gap.first <= place.id)
      place = { id: gap.first - 1, timestamp: gap.since }
    for (const { id, timestamp } of this.#waiting.slice(this.#done))
      if (place !== undefined && id <= place.id) place = { id: id - 1, timestamp }
    return place
  }
}
