const MINUTES_OF_DAY = 1440

/** Minutes of symbols, a bit each: a year of a thousand symbols takes 70 MB. */
export class MinuteSet {
  readonly #days = new Map<string, Uint8Array>()

  /**
   * Adds a minute; false when it is there.
   *
   * @param minute minutes since 1970
   */
  add(symbol: string, minute: number): boolean {
    const within = minute % MINUTES_OF_DAY
    const key = `${(minute - within) / MINUTES_OF_DAY} ${symbol}`
    const day = this.#days.get(key) ?? new Uint8Array(MINUTES_OF_DAY / 8)
    this.#days.set(key, day)
    const [byte, bit] = [within >> 3, 1 << (within & 7)]
    const bits = day[byte] ?? 0
    day[byte] = bits | bit
    return (bits & bit) === 0
  }
}
