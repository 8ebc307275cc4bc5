/** A bar as the page holds it: times in Unix seconds, decimals as the text that the API sent. */
export type Bar = {
  /** Unix seconds of its start. */
  readonly time: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly trades: number
  readonly vwap: string | null
  readonly notional: string | null
  /** Of a longer bar the sum of those of its minutes. */
  readonly revision: number
  /** False when a trade of the venue is missing, or while a longer bar fills; null where the venue's ids do not tell. */
  readonly complete: boolean | null
  /** All of its trades were cancelled: there is no bar any more. */
  readonly withdrawn?: boolean
}

/** Bars of one symbol and timeframe, oldest first, each in its highest revision. */
export class BarSeries {
  #bars: Bar[] = []
  /** Revision with which a bar was withdrawn, by its time. */
  readonly #withdrawn = new Map<number, number>()

  get bars(): readonly Bar[] {
    return this.#bars
  }

  get first(): Bar | undefined {
    return this.#bars[0]
  }

  get last(): Bar | undefined {
    return this.#bars.at(-1)
  }

  at(time: number): Bar | undefined {
    const bar = this.#bars[this.#indexOf(time)]
    return bar?.time === time ? bar : undefined
  }

  /** Takes bars in any order; of each time the highest revision stays. */
  merge(bars: readonly Bar[]): Merged {
    let [added, revised] = [0, 0]
    for (const bar of bars) {
      if (bar.withdrawn === true) {
        revised += this.#withdraw(bar)
        continue
      }
      if ((this.#withdrawn.get(bar.time) ?? 0) >= bar.revision) continue
      const index = this.#indexOf(bar.time)
      const known = this.#bars[index]
      if (known?.time !== bar.time) {
        this.#bars.splice(index, 0, bar)
        added++
      } else if (replaces(bar, known)) {
        this.#bars[index] = bar
        if (bar.revision > known.revision) revised++
      }
    }
    return { added, revised }
  }

  /**
   * Takes all bars that there are from the first of these to the last. Another bar in between was withdrawn while nobody
   * was there to hear it.
   */
  mergeWhole(bars: readonly Bar[]): Merged {
    const merged = this.merge(bars)
    const [first, last] = [bars[0]?.time ?? Infinity, bars.at(-1)?.time ?? -Infinity]
    const times = new Set(bars.map(({ time }) => time))
    const isThere = ({ time }: Bar): boolean => time < first || time > last || times.has(time)
    if (!this.#bars.every(isThere)) this.#bars = this.#bars.filter(isThere)
    return merged
  }

  /** Leaves out the bar of a time. */
  drop(time: number): void {
    if (this.at(time) !== undefined) this.#bars.splice(this.#indexOf(time), 1)
  }

  /** How many bars were there: 1 or 0. */
  #withdraw({ time, revision }: Bar): number {
    const known = this.at(time)
    if (revision <= Math.max(known?.revision ?? 0, this.#withdrawn.get(time) ?? 0)) return 0
    this.#withdrawn.set(time, revision)
    this.drop(time)
    return known === undefined ? 0 : 1
  }

  /** Where a time is, or would be. */
  #indexOf(time: number): number {
    // What arrives live belongs at the end.
    let [low, high] = [0, this.#bars.length]
    if (high > 0 && time > (this.#bars[high - 1]?.time ?? 0)) return high
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#bars[middle]?.time ?? 0) < time) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** How many bars were not there before, and how many came with a higher revision. */
export type Merged = { readonly added: number; readonly revised: number }

/** A longer bar keeps its revision when it has filled; what it says of being complete changes once. */
function replaces(bar: Bar, known: Bar): boolean {
  if (bar.revision !== known.revision) return bar.revision > known.revision
  return known.complete === false && bar.complete !== false
}
