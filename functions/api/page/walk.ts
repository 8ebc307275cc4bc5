import { DAY_MS } from '../http/times.ts'
import type { Direction, Span } from './read-plan.ts'

/** A page is ended early rather than take longer, in milliseconds. */
export const PAGE_TIME_MS = 2000

/** Tables have a partition per day: so many of each are in a statement, at first and at the most. */
const FIRST_DAYS = 2
const MOST_DAYS = 32

/** A statement that took less than this, in milliseconds, may be followed by one of twice the days. */
const QUICK_MS = 100

export type WalkOptions<Row> = {
  readonly direction: Direction
  /** The walk ends when it has more rows than that. */
  readonly limit: number
  /** Unix milliseconds. */
  readonly now: () => number
  /** Whether the walk ends with what it has, asked after each read; as if time had run out. @default never */
  readonly isEnough?: () => boolean
  /** Reads up to `wanted` rows of a piece, in the direction. */
  readonly read: (piece: Span, wanted: number) => Promise<readonly Row[]>
}

export type Walked<Row> = {
  readonly rows: readonly Row[]
  /** The last time that was looked at, when time ran out or it was enough; undefined when there is no more, or more than the limit. */
  readonly reached: number | undefined
}

/** Reads a span in chunks, so that no statement reads more than a few partitions. */
export async function walk<Row>(span: Span, options: WalkOptions<Row>): Promise<Walked<Row>> {
  const { direction, limit, now, read, isEnough = () => false } = options
  const deadline = now() + PAGE_TIME_MS
  const rows: Row[] = []
  let rest = span
  let days = FIRST_DAYS
  while (rest.from < rest.to) {
    const piece = pieceOf(rest, direction, days)
    const began = now()
    for (const row of await read(piece, limit + 1 - rows.length)) rows.push(row)
    if (rows.length > limit) return { rows, reached: undefined }
    rest = direction === 'asc' ? { ...rest, from: piece.to } : { ...rest, to: piece.from }
    const ended = now()
    if ((ended > deadline || isEnough()) && rest.from < rest.to)
      return { rows, reached: direction === 'asc' ? piece.to - 1 : piece.from }
    days = ended - began < QUICK_MS ? Math.min(2 * days, MOST_DAYS) : FIRST_DAYS
  }
  return { rows, reached: undefined }
}

function pieceOf({ from, to }: Span, direction: Direction, days: number): Span {
  return direction === 'asc'
    ? { from, to: Math.min(to, from + days * DAY_MS) }
    : { from: Math.max(from, to - days * DAY_MS), to }
}
