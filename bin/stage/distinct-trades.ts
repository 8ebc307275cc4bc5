import type { PlacedTrade } from '../../feed/files/sorted-run.ts'
import type { FeedTick } from '../../feed/tick.ts'
import type { GatheredTrades, RejectedRow } from './gather-trades.ts'

export type SortedTrade = PlacedTrade & { readonly seconds: number; readonly nanos: number }

type DistinctOptions = Pick<GatheredTrades, 'counts' | 'files'> & {
  /** A row whose id another trade of its moment has, with another price or volume. */
  readonly onRejected?: ((row: RejectedRow) => void) | undefined
}

/** Trades without those that repeat another of the same moment by its id. */
export class DistinctTrades {
  /** Undefined before the first and after the last. */
  current: SortedTrade | undefined
  readonly #pieces: AsyncGenerator<readonly SortedTrade[], void, undefined>
  #piece: readonly SortedTrade[] = []
  #place = 0
  readonly #options: DistinctOptions
  readonly #seen = new Map<string, FeedTick>()
  #seconds = -1
  #nanos = -1

  constructor(pieces: AsyncGenerator<readonly SortedTrade[], void, undefined>, options: DistinctOptions) {
    this.#pieces = pieces
    this.#options = options
  }

  /** Goes to the next trade; a promise where it is to be read first. */
  advance(): Promise<void> | undefined {
    while (this.#place < this.#piece.length) {
      const next = this.#piece[this.#place++]
      if (next === undefined || !this.#isNext(next)) continue
      this.current = next
      return undefined
    }
    return this.#advanceToPiece()
  }

  async #advanceToPiece(): Promise<void> {
    const { done, value } = await this.#pieces.next()
    this.#piece = done === true ? [] : value
    this.#place = 0
    if (done === true) this.current = undefined
    else await this.advance()
  }

  #isNext(trade: SortedTrade): boolean {
    const { seconds, nanos } = trade
    if (this.#seen.size > 0 && (seconds !== this.#seconds || nanos !== this.#nanos)) this.#seen.clear()
    this.#seconds = seconds
    this.#nanos = nanos
    return this.#isNew(trade)
  }

  #isNew({ tick, identity, file, place }: PlacedTrade): boolean {
    if (identity === undefined) return true
    const key = `${tick.symbol}\u0000${identity}`
    const other = this.#seen.get(key)
    if (other === undefined) {
      this.#seen.set(key, tick)
      return true
    }
    const { counts, files, onRejected } = this.#options
    if (isEqual(tick.price, other.price) && isEqual(tick.volume, other.volume)) {
      counts.duplicates++
      return false
    }
    counts.reject('other-values')
    onRejected?.({
      label: files.find((each) => each.index === file)?.file ?? '',
      place,
      text: [tick.symbol, tick.timestamp, tick.price, tick.volume].join(','),
      reason: 'other-values',
      detail: `another trade of that time has its id, with price ${other.price} and volume ${other.volume}`,
    })
    return false
  }
}

function isEqual(one: string, other: string): boolean {
  return one === other || plain(one) === plain(other)
}

/** A decimal without zeros at its end. */
function plain(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
}
