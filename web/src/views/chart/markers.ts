import type { SeriesMarker, UTCTimestamp } from 'lightweight-charts'

import type { Correction } from '../../market/corrections.ts'
import { type Pattern, patternName } from '../../market/patterns.ts'
import { startOfBar, type Zone } from '../../market/timeframes.ts'
import { rounded } from '../../values/decimal-text.ts'
import type { ChartColors } from './chart-colors.ts'
import { utc } from './utc.ts'

type Marker = SeriesMarker<UTCTimestamp>

type MarkedBars = {
  readonly patterns: readonly Pattern[]
  readonly corrections: readonly Correction[]
  readonly timeframe: string
  readonly zone: Zone
  readonly isNamed: boolean
}

/** Marks of patterns, with direction and confidence, and of corrected bars. */
export function markersOf(
  { patterns, corrections, timeframe, zone, isNamed }: MarkedBars,
  colors: ChartColors,
): Marker[] {
  const corrected = Map.groupBy(corrections, ({ time }) => startOfBar(time, timeframe, zone) ?? time)
  const marks = [
    ...patterns
      .filter(({ withdrawn }) => !withdrawn)
      .map((pattern) => patternMark(pattern, { colors, isNamed })),
    ...[...corrected].map(([time, some]): Marker => {
      const text = timeframe === '1Min' ? `r${some.at(-1)?.after.revision ?? ''}` : `${some.length}`
      return {
        time: utc(time),
        position: 'aboveBar',
        shape: 'square',
        color: colors.correction,
        size: 0.7,
        ...(isNamed && { text }),
      }
    }),
  ]
  return marks.toSorted((a, b) => a.time - b.time)
}

function patternMark(
  { time, type, direction, confidence }: Pattern,
  { colors, isNamed }: { readonly colors: ChartColors; readonly isNamed: boolean },
): Marker {
  const common = {
    time: utc(time),
    size: 0.5 + Number(confidence),
    ...(isNamed && { text: `${patternName(type)} ${rounded(confidence, 2)}` }),
  }
  switch (direction) {
    case 'bullish':
      return { ...common, position: 'belowBar', shape: 'arrowUp', color: colors.up }
    case 'bearish':
      return { ...common, position: 'aboveBar', shape: 'arrowDown', color: colors.down }
    default:
      return { ...common, position: 'aboveBar', shape: 'circle', color: colors.neutral }
  }
}
