import type { Analysis } from '../../domain/analysis.ts'
import type { Timeframe } from '../../domain/calendar/timeframe.ts'
import { fadesAfter, Refold, type Refolded } from '../../domain/refold.ts'
import type { SeriesBar } from '../../domain/series.ts'
import { longest } from '../bars/timeframes.ts'
import { DAY_MS, EARLIEST, LATEST } from '../http/times.ts'

/**
 * How far before a bar the fold of its values begins. Time is cut into blocks, and the fold of a bar begins so many bars before
 * its block: so its values are the same in every digit, on whichever page and in whichever order they are asked for.
 *
 *     ── bars before ──┤ block ├ block ├
 *        └ fold of the first block's values ─┘
 *                └ of the second's ──────────┘
 *
 * Times are milliseconds.
 */
export type WarmUp = {
  readonly bars: number
  /** However few bars that is. */
  readonly atLeast: number
  /** However many bars are missing then. */
  readonly atMost: number
  readonly block: number
  /** From the first bar of the symbol on, as one block. */
  readonly isWhole: boolean
}

/** From the first bar on. */
export const WHOLE: WarmUp = { bars: 0, atLeast: 0, atMost: 0, block: LATEST - EARLIEST, isWhole: true }

/** More bars of a symbol are not read for the first of the values asked for. */
export const MOST_DAYS = 2000
const LONGEST_BLOCK_DAYS = 400
/** Bars that an average may span, of months too. */
const WINDOW_BARS = 500
/** The warm-up that the analysis of bars of a timeframe needs. */
export function warmUpOf(analysis: Analysis, timeframe: Timeframe): WarmUp {
  const { indicators, outputs } = analysis
  if (indicators.some(({ indicator }) => indicator.fadesAfter === Infinity)) return WHOLE
  const bars = fadesAfter(analysis)
  const atLeast = outputs.includes('vwap') ? analysis.vwapDay * 1000 : 0
  return {
    bars,
    atLeast,
    atMost: Math.max(MOST_DAYS * DAY_MS, Math.min(bars, WINDOW_BARS) * longest(timeframe)),
    // What is before each block is folded again: no more than is in it.
    block: Math.max(atLeast, Math.min(bars * longest(timeframe), LONGEST_BLOCK_DAYS * DAY_MS)),
    isWhole: false,
  }
}

/** The start of the block that a time is in, Unix milliseconds. */
export function blockOf(time: number, { block }: Pick<WarmUp, 'block'>): number {
  return EARLIEST + Math.floor((time - EARLIEST) / block) * block
}

/**
 * What the bars from a place on give.
 *
 * @param bars in order, with those of the first one's warm-up
 */
export function* foldBlocks(
  analysis: Analysis,
  warmUp: WarmUp,
  { bars, from }: { readonly bars: readonly SeriesBar[]; readonly from: number },
): Generator<Refolded> {
  for (let at = from; at < bars.length;) {
    const start = blockOf((bars[at]?.start ?? 0) * 1000, warmUp)
    const end = indexAt(bars, start + warmUp.block)
    const refold = new Refold(analysis)
    refold.pass(bars.slice(beginOf(bars, start, warmUp), at))
    yield* refold.take(bars.slice(at, end))
    at = end
  }
}

/** Where the fold of a block begins. */
function beginOf(
  bars: readonly SeriesBar[],
  start: number,
  { bars: count, atLeast, atMost }: WarmUp,
): number {
  const wanted = Math.min(indexAt(bars, start) - count, indexAt(bars, start - atLeast))
  return Math.max(0, wanted, indexAt(bars, start - atMost))
}

/** The place of the first bar that begins at a time, Unix milliseconds, or later. */
function indexAt(bars: readonly SeriesBar[], time: number): number {
  let [low, high] = [0, bars.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((bars[middle]?.start ?? 0) * 1000 < time) low = middle + 1
    else high = middle
  }
  return low
}
