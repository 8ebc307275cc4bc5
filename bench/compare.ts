import type { RecordedFigure, RunRecord } from './run-record.ts'

/** How a figure differs from before. */
export type Change = {
  readonly section: string
  readonly name: string
  readonly unit: string
  readonly before: number
  readonly after: number
  /** By which share of before it became worse; negative where it became better. */
  readonly worse: number
  /** By which share its own runs differ, on the side where they differ more. */
  readonly noise: number
}

export type Comparison = {
  /** Worse by more than the noise, the worst first. */
  readonly slower: readonly Change[]
  /** Better by more than the noise, the best first. */
  readonly faster: readonly Change[]
  /** Within the noise. */
  readonly same: readonly Change[]
  /** Names of figures that only one side has. */
  readonly gone: readonly string[]
  readonly added: readonly string[]
}

/** Noise is measured on each side by its own runs, so that each side needs two or more of them. */
export function compareRuns(before: RunRecord, after: RunRecord): Comparison {
  const nameOf = ({ section, name }: RecordedFigure): string => `${section}: ${name}`
  const earlier = new Map(before.figures.map((figure) => [nameOf(figure), figure]))
  const later = new Map(after.figures.map((figure) => [nameOf(figure), figure]))
  const measured = new Set(after.figures.map(({ section }) => section))
  const changes = [...later].flatMap(([name, figure]) => {
    const was = earlier.get(name)
    return was === undefined ? [] : [changeOf(was, figure)]
  })
  const byWorse = (one: Change, other: Change): number => other.worse - one.worse
  return {
    slower: changes.filter(({ worse, noise }) => worse > noise).toSorted(byWorse),
    faster: changes
      .filter(({ worse, noise }) => -worse > noise)
      .toSorted((one, other) => byWorse(other, one)),
    same: changes.filter(({ worse, noise }) => Math.abs(worse) <= noise),
    gone: before.figures
      .filter((figure) => measured.has(figure.section) && !later.has(nameOf(figure)))
      .map(nameOf),
    added: [...later.keys()].filter((name) => !earlier.has(name)),
  }
}

function changeOf(before: RecordedFigure, after: RecordedFigure): Change {
  const { section, name, unit, better } = after
  const ratio = better === 'more' ? before.value / after.value : after.value / before.value
  // Of two zeros.
  const worse = Number.isNaN(ratio) ? 0 : ratio - 1
  const noise = Math.max(spreadOf(before), spreadOf(after))
  return { section, name, unit, before: before.value, after: after.value, worse, noise }
}

/** By which share of the median the runs of a figure differ. */
function spreadOf({ values, value }: RecordedFigure): number {
  return value === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / Math.abs(value)
}
