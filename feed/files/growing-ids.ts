/** Ranges of ids that are remembered of a line, as the aggregator remembers at least. */
const MAX_GAPS = 16

type Gap = { readonly first: number; readonly last: number; readonly minute: number }

/**
 * Tells which ids of trades in order of their time the aggregator will take for new. It remembers the highest id of a line and
 * some ranges below; a trade whose id is below all of them would be a duplicate to it.
 */
export class GrowingIds {
  readonly #lines = new Map<string, GrowingLine>()

  /** @param seconds Unix time of the trade, not before that of the trades before */
  takes(line: string, id: number, seconds: number): boolean {
    let known = this.#lines.get(line)
    if (known === undefined) this.#lines.set(line, (known = new GrowingLine()))
    return known.takes(id, seconds)
  }
}

/** The same for the ids of one line of a symbol. */
export class GrowingLine {
  #through = -1
  #gaps: Gap[] = []

  /** @param seconds Unix time of the trade, not before that of the trades before */
  takes(id: number, seconds: number): boolean {
    const minute = Math.floor(seconds / 60)
    if (id > this.#through) {
      if (id > this.#through + 1) {
        if (this.#gaps.length === MAX_GAPS) this.#gaps.shift()
        this.#gaps.push({ first: this.#through + 1, last: id - 1, minute })
      }
      this.#through = id
      return true
    }
    // Older ranges may be forgotten, depending on the allowed lateness.
    const gap = this.#gaps.find((each) => each.first <= id && id <= each.last && each.minute === minute)
    if (gap === undefined) return false
    this.#gaps = this.#gaps.flatMap((each) => (each === gap ? without(each, id) : [each])).slice(-MAX_GAPS)
    return true
  }
}

function without({ first, last, minute }: Gap, id: number): Gap[] {
  return [
    { first, last: id - 1, minute },
    { first: id + 1, last, minute },
  ].filter((gap) => gap.first <= gap.last)
}
