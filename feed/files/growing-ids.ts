/** Ranges of ids that are remembered of a line, as the aggregator remembers at least. */
const MAX_GAPS = 16

type Gap = { readonly first: number; readonly last: number; readonly minute: number }
type Line = { through: number; gaps: readonly Gap[] }

/**
 * Tells which ids of trades in order of their time the aggregator will take for new. It remembers the highest id of a line and
 * some ranges below; a trade whose id is below all of them would be a duplicate to it.
 */
export class GrowingIds {
  readonly #lines = new Map<string, Line>()

  /** @param seconds Unix time of the trade, not before that of the trades before */
  takes(line: string, id: number, seconds: number): boolean {
    const minute = Math.floor(seconds / 60)
    const known = this.#lines.get(line)
    if (known === undefined) {
      this.#lines.set(line, { through: id, gaps: id === 0 ? [] : [{ first: 0, last: id - 1, minute }] })
      return true
    }
    if (id > known.through) {
      if (id > known.through + 1)
        known.gaps = [...known.gaps, { first: known.through + 1, last: id - 1, minute }].slice(-MAX_GAPS)
      known.through = id
      return true
    }
    // Older ranges may be forgotten, depending on the allowed lateness.
    const gap = known.gaps.find((each) => each.first <= id && id <= each.last && each.minute === minute)
    if (gap === undefined) return false
    known.gaps = known.gaps.flatMap((each) => (each === gap ? without(each, id) : [each])).slice(-MAX_GAPS)
    return true
  }
}

function without({ first, last, minute }: Gap, id: number): Gap[] {
  return [
    { first, last: id - 1, minute },
    { first: id + 1, last, minute },
  ].filter((gap) => gap.first <= gap.last)
}
