import { DAY_MS } from '../http/times.ts'
import type { Direction, Span } from '../page/read-plan.ts'
import { type BarCut, gridOf, longest } from './timeframes.ts'

/** A bar, Unix seconds. */
export type Bar = { readonly start: number; readonly end: number }

/** So much of a span is cut into bars at once, or the length of a bar. */
const PIECE_MS = 32 * DAY_MS

/** The bars that begin in a span, in a direction; whoever takes them stops when there are enough. */
export function* startsWithin(
  cut: BarCut,
  span: Span,
  direction: Direction,
): Generator<Bar, void, undefined> {
  const length = Math.max(PIECE_MS, longest(cut.timeframe))
  let rest = span
  while (rest.from < rest.to) {
    const piece =
      direction === 'asc'
        ? { from: rest.from, to: Math.min(rest.to, rest.from + length) }
        : { from: Math.max(rest.from, rest.to - length), to: rest.to }
    const bars = barsIn(cut, piece)
    yield* direction === 'asc' ? bars : bars.toReversed()
    rest = direction === 'asc' ? { ...rest, from: piece.to } : { ...rest, to: piece.from }
  }
}

function barsIn(cut: BarCut, span: Span): readonly Bar[] {
  const { segments, step } = gridOf(cut, span)
  const bars = new Map<number, Bar>()
  for (const segment of segments)
    for (let start = segment.start; start < segment.end; start += step)
      if (start * 1000 >= span.from && start * 1000 < span.to)
        bars.set(start, { start, end: Math.min(start + step, segment.end) })
  return [...bars.values()]
}
