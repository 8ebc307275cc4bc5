import type { CandlestickData, HistogramData, UTCTimestamp, WhitespaceData } from 'lightweight-charts'

import type { Bar } from '../../market/bar.ts'
import { compare } from '../../values/decimal-text.ts'
import type { ChartColors } from './chart-colors.ts'
import { utc } from './utc.ts'

/** How a bar is drawn: it forms, lacks trades of its venue, or neither. */
export type BarState = 'forming' | 'incomplete' | 'whole'

export function candleOf(bar: Bar, state: BarState, colors: ChartColors): CandlestickData<UTCTimestamp> {
  const isUp = compare(bar.close, bar.open) >= 0
  const soft = isUp ? colors.upSoft : colors.downSoft
  const looks = {
    whole: {},
    forming: { color: soft },
    incomplete: { color: colors.background, borderColor: colors.warning, wickColor: colors.warning },
  }
  return {
    time: utc(bar.time),
    open: Number(bar.open),
    high: Number(bar.high),
    low: Number(bar.low),
    close: Number(bar.close),
    ...looks[state],
  }
}

export function volumeOf(bar: Bar, colors: ChartColors): HistogramData<UTCTimestamp> {
  const isUp = compare(bar.close, bar.open) >= 0
  return {
    time: utc(bar.time),
    value: Number(bar.volume),
    color: isUp ? colors.upSoft : colors.downSoft,
  }
}

export function emptyAt(time: number): WhitespaceData<UTCTimestamp> {
  return { time: utc(time) }
}
