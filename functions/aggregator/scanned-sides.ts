import type { Sides } from '../domain/side.ts'

const FIRST = 64

/** The sides of the trades of a record while it is read. */
export class ScannedSides {
  #sides = new Int8Array(FIRST)
  #hasSides = false

  /** Begins a record; what was set for one that was not read to its end is dropped. */
  begin(): void {
    if (!this.#hasSides) return
    this.#sides.fill(0)
    this.#hasSides = false
  }

  /** @param place counted from 0 */
  set(place: number, side: number): void {
    if (side === 0) return
    if (place >= this.#sides.length) {
      const larger = new Int8Array(2 * Math.max(place, this.#sides.length))
      larger.set(this.#sides)
      this.#sides = larger
    }
    this.#sides[place] = side
    this.#hasSides = true
  }

  /** Those of so many trades; undefined where none is known. */
  take(count: number): Sides {
    if (!this.#hasSides) return undefined
    const sides = new Int8Array(count)
    sides.set(this.#sides.subarray(0, count))
    this.begin()
    return sides
  }
}
