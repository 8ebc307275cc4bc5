import { type Analysis, type FoundPattern, nameValues } from '../domain/analysis.ts'
import { minuteText } from '../shared/runtime/minute-text.ts'
import { type DescribedCandle, describePattern, round } from '../domain/patterns/describe.ts'
import type { MinuteSignals } from '../domain/signals.ts'
import type { PatternsRecord, SignalRecord } from '../shared/streams/records.ts'

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

/** A pattern as its record says it. */
export function toPattern(found: FoundPattern): PatternsRecord['patterns'][number] {
  const { candles, margins } = describePattern(found)
  return {
    pattern_type: found.pattern.name,
    direction: found.direction,
    strength: found.strength,
    confidence: round(found.confidence),
    pattern_data: { candles: candles.map(withTime), margins },
  }
}

function withTime({ start, ...measures }: DescribedCandle) {
  return { timestamp: minuteText(start), ...measures }
}
