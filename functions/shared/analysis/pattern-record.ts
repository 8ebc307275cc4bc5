import type { FoundPattern } from '../../domain/analysis.ts'
import { type DescribedCandle, describePattern, round } from '../../domain/patterns/describe.ts'
import { minuteText } from '../runtime/minute-text.ts'
import type { PatternsRecord } from '../streams/records.ts'

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
