import {
  type Admission,
  admissionOf,
  ageGaps,
  type Gap,
  isMissingFrom,
  type Line,
  type LineState,
  MAX_LINES,
  missingIn,
  startLine,
  takeId,
} from './lines.ts'

/** The id of a trade, and the start (Unix seconds) of its minute. */
type IdOfMinute = { readonly id: number; readonly minute: number }

/** What is known of a symbol's lines: a draft that lives for one event. */
export class LinesDraft {
  #lines: readonly LineState[]

  constructor(lines: readonly LineState[]) {
    this.#lines = lines
  }

  #find(line: Line | undefined): LineState | undefined {
    return line && this.#lines.find(({ name }) => name === line.name)
  }

  /** The id that continues a line; undefined for a line without a trade. */
  nextOf(line: Line | undefined): number | undefined {
    const known = this.#find(line)
    return known && known.through + 1
  }

  admissionOf(line: Line | undefined, id: number): Admission {
    const known = this.#find(line)
    return known === undefined ? 'new' : admissionOf(known, id)
  }

  /** Takes ids of one minute that continue a line. */
  continue(line: Line, { count, minute }: { readonly count: number; readonly minute: number }): void {
    this.#lines = this.#lines.map((each) =>
      each.name === line.name ? { ...each, through: each.through + count, minute } : each,
    )
  }

  /**
   * Takes an id; the gaps that can no longer be remembered, of the line as it was. Undefined when the line is one too many.
   *
   * @param keptFrom Unix seconds; lines without a trade since may be forgotten
   */
  take(line: Line, of: IdOfMinute, keptFrom: number): Forgotten | undefined {
    const known = this.#find(line)
    if (known === undefined) {
      if (this.#lines.filter(({ minute }) => minute >= keptFrom).length >= MAX_LINES) return undefined
      this.#lines = [...this.#lines, startLine(line, of)]
      return { isNewLine: true, gaps: [] }
    }
    const taken = takeId({ ...known, isContiguous: line.isContiguous }, of)
    this.#lines = this.#lines.map((each) => (each === known ? taken.line : each))
    return {
      isNewLine: false,
      gaps: taken.forgotten.map((gap) => ({ ...gap, missing: missingIn(known, gap) })),
    }
  }

  /** True when a trade that is missing may belong to a minute (start, Unix seconds). */
  isMissingFrom(minute: number): boolean {
    return this.#lines.some((line) => isMissingFrom(line, minute))
  }

  /**
   * The lines without the gaps that nothing can fill any more, and the trades that were missing in these; at most
   * `MAX_LINES`, the longest silent ones forgotten.
   */
  end(oldest: number): { readonly lines: readonly LineState[]; readonly missing: number } {
    if (this.#lines.length === 0) return { lines: this.#lines, missing: 0 }
    let missing = 0
    const aged = this.#lines.map((line) => {
      const { line: kept, forgotten } = ageGaps(line, oldest)
      for (const gap of forgotten) missing += missingIn(line, gap)
      return kept
    })
    const lines =
      aged.length <= MAX_LINES
        ? aged
        : aged.toSorted((one, other) => one.minute - other.minute).slice(aged.length - MAX_LINES)
    return { lines, missing }
  }
}

export type Forgotten = {
  readonly isNewLine: boolean
  readonly gaps: readonly (Gap & { readonly missing: number })[]
}
