import type { Tape } from '../domain/conditions.ts'
import { UPDATES } from '../domain/trade.ts'
import { formatExactJson, parseExactJson } from '../shared/streams/exact-json.ts'
import { conditionUpdates } from './read-trade.ts'
import { Fault } from './record-fault.ts'

/** The conditions of the trades of a record, by place; undefined where none has any. */
export type SaidConditions = {
  readonly texts: readonly (string | undefined)[] | undefined
  readonly updates: Uint8Array | undefined
}

type Known = { readonly text: string | undefined; readonly updates: number }

/** More different conditions than the tapes have; beyond it they are read anew. */
const MAX_KNOWN = 1000

/** Conditions of compact records, each of them read once. */
export class ScannedConditions {
  readonly #known = new Map<string, Known | undefined>()

  /**
   * The conditions of trades that name them by number, from 1 on; undefined where one of those is not plain and right.
   *
   * @param dictionary JSON of different conditions
   */
  of(dictionary: readonly string[], numbers: Uint8Array, tape: Tape | undefined): SaidConditions | undefined {
    const read = dictionary.map((text) => this.#read(text, tape))
    const texts: (string | undefined)[] = []
    const updates = new Uint8Array(numbers.length).fill(UPDATES.all)
    let hasTexts = false
    for (const [place, number] of numbers.entries()) {
      const known = number === 0 ? NONE : read[number - 1]
      if (known === undefined) return undefined
      if (known.text !== undefined) hasTexts = true
      texts.push(known.text)
      updates[place] = known.updates
    }
    return hasTexts ? { texts, updates } : { texts: undefined, updates: undefined }
  }

  #read(text: string, tape: Tape | undefined): Known | undefined {
    const key = `${tape ?? ''} ${text}`
    if (this.#known.has(key)) return this.#known.get(key)
    const known = knownOf(text, tape)
    if (this.#known.size < MAX_KNOWN) this.#known.set(key, known)
    return known
  }
}

const NONE: Known = { text: undefined, updates: UPDATES.all }

function knownOf(text: string, tape: Tape | undefined): Known | undefined {
  try {
    const updates = conditionUpdates(text, tape)
    const given = formatExactJson(parseExactJson(text))
    return given === 'null' ? NONE : { text: given, updates }
  } catch (error) {
    if (error instanceof Fault || error instanceof SyntaxError) return undefined
    throw error
  }
}
