/** Ids of a contiguous line that were seen, as runs; each with the time of its first trade, Unix seconds. */
type Run = { readonly first: number; last: number; readonly at: number }

/** Ids of one line, whatever their order, in the memory of their runs. */
export class IdRuns {
  #runs: Run[] = []

  /** Takes ids with their times. */
  add(ids: readonly { readonly id: number; readonly at: number }[]): void {
    const runs = ids.map(({ id, at }) => ({ first: id, last: id, at }))
    this.#runs = merged([...this.#runs, ...runs])
  }

  /** How many ids are missing between those that were seen, each hole with the time of the trade after it. */
  holes(): readonly { readonly missing: number; readonly at: number }[] {
    return this.#runs.slice(1).map(({ first, at }, index) => {
      const before = this.#runs[index]?.last ?? first
      return { missing: first - before - 1, at }
    })
  }
}

function merged(runs: readonly Run[]): Run[] {
  const found: Run[] = []
  for (const run of runs.toSorted((one, other) => one.first - other.first)) {
    const last = found.at(-1)
    if (last !== undefined && run.first <= last.last + 1) last.last = Math.max(last.last, run.last)
    else found.push({ ...run })
  }
  return found
}
