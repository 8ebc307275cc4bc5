import type { MissingTrades, VenueTrade } from './venue.ts'

/** How far a symbol's trades have come. */
export type Place = { readonly id: number; readonly timestamp: string }

/** Missing trades, and when it was noticed that they are: Unix milliseconds. */
export type NoticedGap = MissingTrades & { readonly noticedAt: number }

/** Gaps remembered of a symbol; beyond, the oldest is given up. */
export const MAX_GAPS = 4096

/** Which trades of a symbol have come, by the ids of its venue. */
export class SymbolLine {
  #through: Place | undefined
  /** Ascending. */
  readonly #gaps: NoticedGap[] = []
  readonly #now: () => number

  /** @param place where an earlier run ended: what comes after it is missing until it comes */
  constructor(place?: Place, now: () => number = Date.now) {
    this.#through = place
    this.#now = now
  }

  get gaps(): readonly NoticedGap[] {
    return this.#gaps
  }

  get through(): Place | undefined {
    return this.#through
  }

  /** Takes a trade; `lost` are the trades of gaps that can no longer be remembered. */
  take({ id, timestamp }: VenueTrade): {
    readonly type: 'new' | 'filled' | 'duplicate'
    readonly lost: number
  } {
    const through = this.#through
    if (through === undefined || id > through.id) {
      const lost =
        through === undefined
          ? 0
          : this.#open({ first: through.id + 1, last: id - 1, since: through.timestamp })
      this.#through = { id, timestamp }
      return { type: 'new', lost }
    }
    const index = this.#reaching(id)
    const gap = this.#gaps[index]
    if (gap === undefined || gap.first > id) return { type: 'duplicate', lost: 0 }
    this.#gaps.splice(index, 1, ...without(gap, id, timestamp))
    return { type: 'filled', lost: 0 }
  }

  /** Takes the venue's word that the newest trade has that id. */
  newest(id: number): number {
    const through = this.#through
    if (through === undefined || id <= through.id) return 0
    const lost = this.#open({ first: through.id + 1, last: id, since: through.timestamp })
    this.#through = { id, timestamp: through.timestamp }
    return lost
  }

  /** Takes ids as never to come; the number of those that were missing. */
  giveUp({ first, last }: Pick<MissingTrades, 'first' | 'last'>): number {
    const before = this.missing()
    const from = this.#reaching(first)
    const past = this.#reaching(last)
    const ends = (this.#gaps[past]?.first ?? Infinity) <= last ? past + 1 : past
    const rests = this.#gaps.slice(from, ends).flatMap((gap) => {
      const parts: NoticedGap[] = []
      if (gap.first < first) parts.push({ ...gap, last: first - 1 })
      if (gap.last > last) parts.push({ ...gap, first: last + 1 })
      return parts
    })
    this.#gaps.splice(from, ends - from, ...rests)
    return before - this.missing()
  }

  /** Trades that are missing. */
  missing(): number {
    return this.#gaps.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  }

  #open(gap: MissingTrades): number {
    if (gap.last < gap.first) return 0
    const oldest = this.#gaps.length === MAX_GAPS ? this.#gaps.shift() : undefined
    this.#gaps.push({ ...gap, noticedAt: this.#now() })
    return oldest === undefined ? 0 : oldest.last - oldest.first + 1
  }

  /** Where the first gap is that ends at the id or after it. */
  #reaching(id: number): number {
    let [low, high] = [0, this.#gaps.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#gaps[middle]?.last ?? Infinity) < id) low = middle + 1
      else high = middle
    }
    return low
  }
}

function without(gap: NoticedGap, id: number, timestamp: string): NoticedGap[] {
  const parts: NoticedGap[] = []
  if (id > gap.first) parts.push({ ...gap, last: id - 1 })
  if (id < gap.last) parts.push({ ...gap, first: id + 1, since: timestamp })
  return parts
}
