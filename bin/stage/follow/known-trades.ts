import { NO_ID } from '../../../functions/domain/trade.ts'
import { lineOf, type Row } from '../../../functions/rebuilder/row.ts'

/** Trades that came within so many milliseconds of the stream's time are known again, and those of as long before. */
const GENERATION_MS = 600_000

type Generation = { readonly begun: number; readonly names: Map<string, string> }

/** What has come of a symbol of late, by which a copy is known: the archive's rules, in the order of arrival. */
export class KnownTrades {
  #now: Generation = generationOf(-Infinity)
  #before: Generation = generationOf(-Infinity)

  /** Notes a row, and says whether it is of no record whose number has come, and of no trade whose id has, in another record. */
  isNew(row: Row): boolean {
    const { of, at } = row
    const arrivedAt = of.arrivedAt[at] ?? 0
    if (arrivedAt - this.#now.begun > GENERATION_MS) {
      this.#before = this.#now
      this.#now = generationOf(arrivedAt)
    }
    const record = `${of.shard[at]} ${of.sequenceNumber[at]}`
    const sequence = of.sequence[at] ?? -1
    if (sequence >= 0 && this.#firstOf(`record ${sequence} ${of.source[at]}`, record) !== record) return false
    const id = of.id[at] ?? NO_ID
    if (id === NO_ID || of.type[at] !== 'trade') return true
    const itself = `${record} ${of.place[at]}`
    return this.#firstOf(`trade ${id} ${lineOf(row)}`, itself) === itself
  }

  /** Who had a name first. */
  #firstOf(name: string, who: string): string {
    const first = this.#now.names.get(name) ?? this.#before.names.get(name)
    if (first === undefined) this.#now.names.set(name, who)
    return first ?? who
  }
}

function generationOf(begun: number): Generation {
  return { begun, names: new Map() }
}
