import type { Place } from './symbol-line.ts'
import type { MissingTrades, VenueTrade } from './venue.ts'

/** The trades of a symbol that were given to the publisher and are not known to be on the stream. */
export class InFlight {
  #waiting: VenueTrade[] = []
  #newest: Place | undefined

  constructor(place?: Place) {
    this.#newest = place
  }

  add(trade: VenueTrade): void {
    this.#waiting.push(trade)
  }

  /** The first so many are on the stream. */
  acknowledge(count: number): void {
    const done = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    for (const { id, timestamp } of done)
      if (this.#newest === undefined || id > this.#newest.id) this.#newest = { id, timestamp }
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
    for (const { id, timestamp } of this.#waiting)
      if (place !== undefined && id <= place.id) place = { id: id - 1, timestamp }
    return place
  }
}
