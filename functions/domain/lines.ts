/** A numbering of trades by a venue: `(line, id)` names one trade of a symbol. */
export type Line = {
  /** Unique per symbol; the venue, or the exchange of a consolidated feed. */
  readonly name: string
  /** Whether the venue numbers without a hole, so that a jump means that trades are missing; else ids only grow. */
  readonly isContiguous: boolean
}

/** Ids `first` to `last`, none of which has come, though higher ones have. */
export type Gap = {
  readonly first: number
  readonly last: number
  /**
   * Starts (Unix seconds) of the minutes of its neighbours, the trades before `first` and after `last`, between which its
   * trades happened. They may run the other way. Where nothing has come before, both are of the one after.
   */
  readonly fromMinute: number
  readonly toMinute: number
}

/** What is known of a line: each id up to `through` has come, save those in gaps. */
export type LineState = Line & {
  readonly through: number
  /** Start (Unix seconds) of the minute of the trade `through`. */
  readonly minute: number
  /** Oldest first. */
  readonly gaps: readonly Gap[]
}

/**
 * Gaps remembered of a line. One that only grows has a gap before nearly each trade, so that it can tell a trade out of
 * order from a duplicate only among its latest.
 */
export const MAX_GAPS = { contiguous: 32, growing: 24 } as const

/** Lines remembered of a symbol whose trades may still be within the lateness. */
export const MAX_LINES = 32

/** How a line takes an id. */
export type Admission =
  /** Not seen before. */
  | 'new'
  /** It was missing. */
  | 'filled'
  | 'duplicate'
  /** Below all gaps of a line that remembers no more of them: taken for a duplicate, and counted apart. */
  | 'uncertain'

/** How a line would take an id. */
export function admissionOf(line: LineState, id: number): Admission {
  if (id > line.through) return 'new'
  const { gaps } = line
  // From the newest: a trade out of order is seldom far behind.
  for (let index = gaps.length - 1; index >= 0; index--) {
    const gap = gaps[index]
    if (gap === undefined || id > gap.last) return 'duplicate'
    if (id >= gap.first) return 'filled'
  }
  return gaps.length < MAX_GAPS[line.isContiguous ? 'contiguous' : 'growing'] ? 'duplicate' : 'uncertain'
}

/** The line once it has the id of a trade of that minute, and the gaps that it can no longer remember. */
export function takeId(
  line: LineState,
  { id, minute }: { readonly id: number; readonly minute: number },
): { readonly line: LineState; readonly forgotten: readonly Gap[] } {
  if (id > line.through) {
    const next = { ...line, through: id, minute }
    if (id === line.through + 1) return { line: next, forgotten: [] }
    const gap = { first: line.through + 1, last: id - 1, fromMinute: line.minute, toMinute: minute }
    return bounded({ ...next, gaps: [...line.gaps, gap] })
  }
  return bounded({ ...line, gaps: line.gaps.flatMap((gap) => without(gap, id, minute)) })
}

/** The line without the gaps whose trades all happened before a minute (start, Unix seconds). */
export function ageGaps(
  line: LineState,
  oldestMinute: number,
): { readonly line: LineState; readonly forgotten: readonly Gap[] } {
  const isOld = ({ fromMinute, toMinute }: Gap): boolean => Math.max(fromMinute, toMinute) < oldestMinute
  if (!line.gaps.some(isOld)) return { line, forgotten: [] }
  return {
    line: { ...line, gaps: line.gaps.filter((gap) => !isOld(gap)) },
    forgotten: line.gaps.filter(isOld),
  }
}

/**
 * A line whose first trade has that id. The ids before it form a gap from 0 on: another producer may still bring them, but
 * nothing says that they are missing.
 */
export function startLine(
  { name, isContiguous }: Line,
  { id, minute }: { readonly id: number; readonly minute: number },
): LineState {
  const gaps = id === 0 ? [] : [{ first: 0, last: id - 1, fromMinute: minute, toMinute: minute }]
  return { name, isContiguous, through: id, minute, gaps }
}

/** Trades that are known to be missing in a gap of a line. */
export function missingIn({ isContiguous }: Line, { first, last }: Gap): number {
  return isContiguous && first > 0 ? last - first + 1 : 0
}

/** True when a trade that is missing may belong to a minute (start, Unix seconds). */
export function isMissingFrom(line: LineState, minute: number): boolean {
  return line.gaps.some((gap) => missingIn(line, gap) > 0 && mayHold(gap, minute))
}

/** True when a trade of a gap may belong to a minute (start, Unix seconds). */
export function mayHold({ fromMinute, toMinute }: Gap, minute: number): boolean {
  return Math.min(fromMinute, toMinute) <= minute && minute <= Math.max(fromMinute, toMinute)
}

function without(gap: Gap, id: number, minute: number): Gap[] {
  if (id < gap.first || id > gap.last) return [gap]
  const parts: Gap[] = []
  const { first, last, toMinute } = gap
  const fromMinute = first === 0 ? minute : gap.fromMinute
  if (id > first) parts.push({ first, last: id - 1, fromMinute, toMinute: minute })
  if (id < last) parts.push({ first: id + 1, last, fromMinute: minute, toMinute })
  return parts
}

function bounded(line: LineState): { readonly line: LineState; readonly forgotten: readonly Gap[] } {
  const excess = line.gaps.length - MAX_GAPS[line.isContiguous ? 'contiguous' : 'growing']
  if (excess <= 0) return { line, forgotten: [] }
  return { line: { ...line, gaps: line.gaps.slice(excess) }, forgotten: line.gaps.slice(0, excess) }
}
