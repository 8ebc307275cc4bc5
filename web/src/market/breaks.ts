import { lengthOf } from './timeframes.ts'

/** A time without bars between two of them, in Unix seconds: from the end of one to the start of the next. */
export type Break = { readonly from: number; readonly to: number }

/** So many missing bars keep their place on the axis; of more, a line says how long there was nothing. */
const MOST_EMPTY = 30
const DAY = 86_400

/** Places of missing bars, and the breaks that are too long for them. Nothing of days, whose weekends are no break. */
export function breaksOf(
  times: readonly number[],
  timeframe: string,
): { readonly empty: readonly number[]; readonly breaks: readonly Break[] } {
  const length = lengthOf(timeframe)
  const empty: number[] = []
  const breaks: Break[] = []
  if (length === undefined || length >= DAY) return { empty, breaks }
  for (const [index, time] of times.entries()) {
    const before = times[index - 1]
    if (before === undefined) continue
    const missing = Math.round((time - before) / length) - 1
    if (missing <= 0) continue
    if (missing > MOST_EMPTY) breaks.push({ from: before + length, to: time })
    else for (let count = 1; count <= missing; count++) empty.push(before + count * length)
  }
  return { empty, breaks }
}
