import { type Analysis, nameValues } from '../domain/analysis.ts'
import { minuteText } from '../shared/runtime/minute-text.ts'
import type { MinuteSignals } from '../domain/signals.ts'
import { toPattern } from '../shared/analysis/pattern-record.ts'
import type { SignalRecord } from '../shared/streams/records.ts'

/** The signals of a minute as records of the stream; a record of patterns only where any are found or withdrawn. */
export function toSignalRecords(
  analysis: Analysis,
  signals: MinuteSignals,
  { symbol, calculatedAt }: { readonly symbol: string; readonly calculatedAt: number },
): SignalRecord[] {
  const minute = {
    symbol,
    timestamp: minuteText(signals.start),
    timeframe: '1Min',
    revision: signals.revision,
    calculated_at: calculatedAt,
    closed_at: signals.closedAt,
  } as const
  const indicators = { type: 'indicators', ...minute, values: nameValues(analysis, signals.values) } as const
  if (signals.patterns.length + signals.withdrawn.length === 0) return [indicators]
  return [
    indicators,
    {
      type: 'patterns',
      ...minute,
      patterns: signals.patterns.map(toPattern),
      withdrawn: [...signals.withdrawn],
    },
  ]
}
