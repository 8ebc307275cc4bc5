/** What became of the rows of files; every row that was read counts in one of the numbers. */
export class TradeCounts {
  read = 0
  /** Rows that repeat a trade by its id. */
  duplicates = 0
  /** Trades that were put on the stream. */
  put = 0
  /** Trades that were put without their id, since it does not grow with the time. */
  unnumbered = 0
  /** Trades that carry sale conditions. */
  withConditions = 0
  readonly #rejected = new Map<string, number>()
  readonly #leftOut = new Map<string, number>()

  reject(reason: string): void {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + 1)
  }

  leaveOut(reason: string): void {
    this.#leftOut.set(reason, (this.#leftOut.get(reason) ?? 0) + 1)
  }

  /** Rows by reason, the most first. */
  get rejected(): readonly (readonly [reason: string, rows: number])[] {
    return sorted(this.#rejected)
  }

  get leftOut(): readonly (readonly [reason: string, rows: number])[] {
    return sorted(this.#leftOut)
  }

  get rejectedRows(): number {
    return sum(this.#rejected)
  }

  get leftOutRows(): number {
    return sum(this.#leftOut)
  }
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].toSorted(([, one], [, other]) => other - one)
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, rows) => total + rows, 0)
}
