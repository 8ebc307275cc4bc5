import { NO_ID } from '../../../functions/domain/trade.ts'
import type { Place } from '../../../functions/rebuilder/arrival-order.ts'
import { lineOf } from '../../../functions/rebuilder/row.ts'

/** What came within so many milliseconds of the stream's time is known, and what came in as long before. */
const GENERATION_MS = 120_000

type Generation = {
  readonly begun: number
  /** The record that had a number first, by its producer. */
  readonly records: Map<string, Map<number, string>>
  /** The time of the trade that had an id first, by its line. */
  readonly trades: Map<string, Map<number, number>>
}

/** What has come of a symbol of late, by which copies are known: the archive's rules, in the order of arrival. */
export class KnownTrades {
  #now: Generation = generationOf(-Infinity)
  #before: Generation = generationOf(-Infinity)

  /** Notes a row, and says whether it is the first: of its record's number, and, of a trade, of its id. */
  isFirst(row: Place): boolean {
    const { of, at } = row
    const arrivedAt = of.arrivedAt[at] ?? 0
    if (arrivedAt - this.#now.begun > GENERATION_MS) {
      this.#before = this.#now
      this.#now = generationOf(arrivedAt)
    }
    return this.#isOfFirstRecord(row) && this.#isFirstTrade(row)
  }

  /** Unix milliseconds of the trade that a row is of, or changes; its own where that trade has not come. */
  momentOf(row: Place): number {
    const id = row.of.id[row.at] ?? NO_ID
    const line = lineOf(row)
    return this.#now.trades.get(line)?.get(id) ?? this.#before.trades.get(line)?.get(id) ?? ownMomentOf(row)
  }

  /** Notes the trade that a row changes: where it comes later, it is known. */
  noteChanged(row: Place): void {
    mapIn(this.#now.trades, lineOf(row)).set(row.of.id[row.at] ?? NO_ID, this.momentOf(row))
  }

  #isOfFirstRecord({ of, at }: Place): boolean {
    const sequence = of.sequence[at] ?? -1
    if (sequence < 0) return true
    const source = of.source[at] ?? ''
    const record = `${of.shard[at]} ${of.sequenceNumber[at]}`
    const first =
      this.#now.records.get(source)?.get(sequence) ?? this.#before.records.get(source)?.get(sequence)
    if (first === undefined) mapIn(this.#now.records, source).set(sequence, record)
    return first === undefined || first === record
  }

  #isFirstTrade(row: Place): boolean {
    const id = row.of.id[row.at] ?? NO_ID
    if (id === NO_ID || row.of.type[row.at] !== 'trade') return true
    const line = lineOf(row)
    if (this.#now.trades.get(line)?.has(id) === true || this.#before.trades.get(line)?.has(id) === true)
      return false
    mapIn(this.#now.trades, line).set(id, ownMomentOf(row))
    return true
  }
}

function generationOf(begun: number): Generation {
  return { begun, records: new Map(), trades: new Map() }
}

function mapIn<Value>(maps: Map<string, Map<number, Value>>, name: string): Map<number, Value> {
  const found = maps.get(name) ?? new Map<number, Value>()
  maps.set(name, found)
  return found
}

function ownMomentOf({ of, at }: Place): number {
  return (of.seconds[at] ?? 0) * 1000 + (of.nanos[at] ?? 0) / 1e6
}
