import {
  ANY_SHARD,
  MAX_PRODUCERS,
  MAX_SHARDS,
  type MinuteState,
  type ProducerPlace,
  type ShardPlace,
} from './minute-state.ts'
import { compareSequenceNumbers, countOf, type TradeRun } from './trade.ts'

/** What of a run is not applied yet. */
type Unseen =
  /** All but so many of its first trades. */
  { readonly type: 'after'; readonly place: number } | { readonly type: 'none' } | TooMany

type TooMany = { readonly type: 'too-many-shards' } | { readonly type: 'too-many-sources' }

const ALL: Unseen = { type: 'after', place: 0 }
const NONE: Unseen = { type: 'none' }
const NO_PRODUCERS: readonly ProducerPlace[] = []

/** How far a symbol's records are applied, by shard and by producer: a draft that lives for one event. */
export class PlacesDraft {
  #shards: readonly ShardPlace[]
  #producers: readonly ProducerPlace[]
  /** The same lists once this event has changed them, as a batch may bring many records. */
  #changed: { readonly shards: ShardPlace[]; readonly producers: ProducerPlace[] } | undefined

  constructor({ shards, producers }: Pick<MinuteState, 'shards' | 'producers'>) {
    this.#shards = shards
    this.#producers = producers
  }

  /** @param keptFrom Unix seconds; what lies before may be forgotten */
  unseenOf(run: TradeRun, keptFrom: number): Unseen {
    const { skipped = 0 } = run
    const shards = this.#shards
    const place = shards[indexOfShard(shards, run.shard)] ?? shards[indexOfShard(shards, ANY_SHARD)]
    const order = place === undefined ? 1 : compareSequenceNumbers(run.sequenceNumber, place.sequenceNumber)
    const applied = order === 0 && place !== undefined && place.taken > 0 ? place.taken - skipped : undefined
    if (order < 0 || (order === 0 && (applied === undefined || applied >= countOf(run.trades)))) return NONE
    if (applied !== undefined && applied > 0) return { type: 'after', place: applied }
    // Its producer's number was noted with its first trades.
    if (applied === 0 && run.isContinued === true) return ALL
    if (place === undefined && isFull(this.#shards, MAX_SHARDS, keptFrom)) return { type: 'too-many-shards' }
    return this.#ofProducer(run, keptFrom)
  }

  /** True for a record that is later than all of its shard that are applied, and has no producer. */
  isNext({ shard }: Pick<TradeRun, 'shard'>, sequenceNumber: string): boolean {
    const place = this.#shards[indexOfShard(this.#shards, shard)]
    return place !== undefined && compareSequenceNumbers(sequenceNumber, place.sequenceNumber) > 0
  }

  #ofProducer({ producer }: TradeRun, keptFrom: number): Unseen {
    if (producer === undefined) return ALL
    const last = this.#producers[indexOfSource(this.#producers, producer.source)]
    if (last === undefined)
      return isFull(this.#producers, MAX_PRODUCERS, keptFrom) ? { type: 'too-many-sources' } : ALL
    return producer.sequence > last.sequence ? ALL : NONE
  }

  /**
   * Notes how far a run has been applied, and its producer's number.
   *
   * @param taken trades of its record that are applied; 0 when all are
   * @param seconds the symbol's event time (Unix seconds) after them
   */
  note(
    { shard, sequenceNumber, producer }: Pick<TradeRun, 'shard' | 'sequenceNumber' | 'producer'>,
    taken: number,
    seconds: number,
  ): void {
    this.#changed ??= this.#change()
    const { shards, producers } = this.#changed
    if (producer !== undefined) {
      const { source, sequence } = producer
      putLast(producers, indexOfSource(producers, source), { source, sequence, seconds })
    }
    putLast(shards, indexOfShard(shards, shard), { shard, sequenceNumber, taken, seconds })
  }

  #change(): { readonly shards: ShardPlace[]; readonly producers: ProducerPlace[] } {
    const shards = this.#shards.filter(({ shard }) => shard !== ANY_SHARD)
    const producers = [...this.#producers]
    this.#shards = shards
    this.#producers = producers
    return { shards, producers }
  }

  /** @param keptFrom Unix seconds; what lies before is forgotten first, and only when there is too much */
  end(keptFrom: number): Pick<MinuteState, 'shards' | 'producers'> {
    const shards = bounded(this.#shards, MAX_SHARDS, keptFrom)
    const producers = bounded(this.#producers, MAX_PRODUCERS, keptFrom)
    if (this.#changed === undefined) return { shards, producers }
    // Arrays that grew have room that they never use: a state keeps copies.
    return { shards: [...shards], producers: producers.length === 0 ? NO_PRODUCERS : [...producers] }
  }
}

type Remembered = { readonly seconds: number }

/** From the end, where the one of the last record is; −1 for none. */
function indexOfShard(places: readonly ShardPlace[], shard: string): number {
  let index = places.length - 1
  while (index >= 0 && places[index]?.shard !== shard) index--
  return index
}

/** The same of a producer. */
function indexOfSource(places: readonly ProducerPlace[], source: string): number {
  let index = places.length - 1
  while (index >= 0 && places[index]?.source !== source) index--
  return index
}

/** Puts a place last, instead of the one at an index, if there is one. */
function putLast<Place>(places: Place[], index: number, place: Place): void {
  if (index >= 0 && index === places.length - 1) {
    places[index] = place
    return
  }
  if (index >= 0) places.splice(index, 1)
  places.push(place)
}

function isFull(places: readonly Remembered[], most: number, keptFrom: number): boolean {
  return places.length >= most && places.filter(({ seconds }) => seconds >= keptFrom).length >= most
}

function bounded<Place extends Remembered>(
  places: readonly Place[],
  most: number,
  keptFrom: number,
): readonly Place[] {
  if (places.length <= most) return places
  return places.filter(({ seconds }) => seconds >= keptFrom).slice(-most)
}
