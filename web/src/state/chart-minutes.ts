import type { Bar, BarSeries } from '../market/bar.ts'
import { type Forming, formingBar } from '../market/forming-candle.ts'
import { rollUp } from '../market/roll-up.ts'
import { startOfBar, type Zone } from '../market/timeframes.ts'

/** Which bars a chart shows. */
export type Span = { readonly timeframe: string; readonly zone: Zone }

/**
 * What stands at the end of a chart beyond the bars that have been read: the candle that forms, and of a longer timeframe
 * the bar that still fills, made of its minutes. Oldest first.
 *
 * @param minutes closed minutes from the start of the newest bar on; only needed of longer timeframes
 */
export function tailOf(
  minutes: BarSeries,
  forming: Forming | undefined,
  { timeframe, zone }: Span,
): readonly Bar[] {
  const open = (forming?.minutes ?? []).map(formingBar)
  if (timeframe === '1Min') return open
  const byBar = Map.groupBy(
    [...minutes.bars, ...open.filter(({ time }) => minutes.at(time) === undefined)],
    ({ time }) => startOfBar(time, timeframe, zone),
  )
  return [...byBar].flatMap(([start, some]) => {
    const bar = start === undefined ? undefined : rollUp(start, some)
    return bar === undefined ? [] : [bar]
  })
}
