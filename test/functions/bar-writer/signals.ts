import type { IndicatorsRecord, PatternsRecord } from '../../../functions/shared/streams/records.ts'

const MINUTE = {
  symbol: 'AAPL',
  timestamp: '2025-11-10T17:24:00Z',
  timeframe: '1Min',
  revision: 1,
  calculated_at: 1_762_795_500_140,
  closed_at: 1_762_795_500_123,
} as const

/** Valid indicators, with what the test cares about. */
export function indicators(change: Partial<IndicatorsRecord> = {}): IndicatorsRecord {
  return { type: 'indicators', ...MINUTE, values: { rsi_14: 61.20512345678901 }, ...change }
}

/** Patterns by name, with what the test cares about. */
export function patterns(
  found: readonly string[],
  change: Partial<Omit<PatternsRecord, 'patterns'>> = {},
): PatternsRecord {
  return {
    type: 'patterns',
    ...MINUTE,
    patterns: found.map((pattern_type) => ({
      pattern_type,
      direction: 'bullish',
      strength: 80,
      confidence: 0.4321,
      pattern_data: { margins: { [pattern_type]: 0.4321 } },
    })),
    withdrawn: [],
    ...change,
  }
}
