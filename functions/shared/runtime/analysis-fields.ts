import { type Analysis, createAnalysis } from '../../domain/analysis.ts'
import type { VwapAnchor } from '../../domain/vwap-anchor.ts'
import { readCalendar } from './trading-hours.ts'
import { textReadBy } from './text-read-by.ts'

/** What selects an analysis, in the config and in the environment of a function. */
export type AnalysisFields = {
  /** Which indicators run, as `sma(20) macd(12,26,9) obv`. */
  readonly indicators: string
  /** Which patterns run, as `doji hammer`. */
  readonly patterns: string
  /** When a day of the vwap begins: a time zone and a time of day, as `America/New_York 09:30`, or whose open: `XNYS`. */
  readonly vwapAnchor: string
}

/** @throws SelectionError or RangeError naming what is wrong and what is allowed */
export function readAnalysis({ indicators, patterns, vwapAnchor }: AnalysisFields): Analysis {
  return createAnalysis({ indicators, patterns, vwapAnchor: readAnchor(vwapAnchor) })
}

/** Each field by itself, for a schema whose errors name the field. */
export const analysisFields = {
  indicators: textReadBy((indicators) => readAnalysis({ indicators, patterns: '', vwapAnchor: 'UTC 00:00' })),
  patterns: textReadBy((patterns) => readAnalysis({ indicators: '', patterns, vwapAnchor: 'UTC 00:00' })),
  vwapAnchor: textReadBy((vwapAnchor) => readAnalysis({ indicators: '', patterns: '', vwapAnchor })),
}

function readAnchor(text: string): VwapAnchor {
  const [, timeZone = '', hours = '', minutes = ''] = /^(\S+) ([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  if (timeZone !== '') return { timeZone, startMinutes: Number(hours) * 60 + Number(minutes) }
  try {
    const { dayOf, windowsOf } = readCalendar(text)
    return { dayOf, windowsOf }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new RangeError(
      'allowed are a time zone and a time of day, as America/New_York 09:30, and an exchange or hours, as XNYS, whose open begins the day',
    )
  }
}
