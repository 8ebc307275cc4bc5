import { describe, expect, it } from 'vitest'

import { readAnalysis } from '../../../functions/shared/runtime/analysis-fields.ts'
import { bar } from '../bar-writer/bars.ts'
import { AnalyticsFunction, BATCH, faulty, flat, NOW, plain, recordsOf } from './harness.ts'

const minutesOf = ({ signals }: AnalyticsFunction, of: string): string[] =>
  signals.filter(({ symbol }) => symbol === of).map(({ timestamp }) => timestamp.slice(14, 16))

describe('the analytics function', () => {
  it('says of each bar when it was closed, and when its values were calculated', async () => {
    const analytics = new AnalyticsFunction(plain)
    const Records = recordsOf([flat('A', 3, 10), flat('A', 5, 20)])
    expect(await analytics.run({ Records })).toEqual({ batchItemFailures: [] })
    const minute = { type: 'indicators', symbol: 'A', timeframe: '1Min', revision: 1, calculated_at: NOW }
    expect(analytics.signals).toEqual([
      {
        ...minute,
        timestamp: '2025-11-10T17:03:00Z',
        closed_at: NOW - 997,
        values: { obv: 1, vwap: 10 },
      },
      {
        ...minute,
        timestamp: '2025-11-10T17:05:00Z',
        closed_at: NOW - 995,
        values: { sma_2: 15, obv: 2, vwap: 15 },
      },
    ])
    expect(analytics.counted).toEqual([
      expect.objectContaining({ BatchesFailed: 0, IndicatorsCalculated: 5 }),
    ])
  })

  it('reads decimals to the eighth digit, and the vwap of the trades', async () => {
    const own = { open: '0.00000003', high: '123456.78901234', low: '0.00000001', close: '98765.4321' }
    const Records = recordsOf([bar({ ...own, volume: '0.5', vwap: '7.25' })])
    const analytics = new AnalyticsFunction(
      readAnalysis({ indicators: 'vwap obv sma(2)', patterns: '', vwapAnchor: 'UTC 00:00' }),
    )
    await analytics.run({ Records: [...Records, ...recordsOf([flat('AAPL', 30, 1)])] })
    expect(analytics.signals.map((each) => each.type === 'indicators' && each.values)).toEqual([
      { obv: 0.5, vwap: 7.25 },
      { obv: -0.5, vwap: (0.5 * 7.25 + 1) / 1.5, sma_2: (98_765.4321 + 1) / 2 },
    ])
  })

  it('notes the last pattern, and counts what it found', async () => {
    const shapes = [
      flat('A', 0, 10),
      { ...flat('A', 1, 10), low: '9', close: '9' },
      { ...flat('A', 2, 10), open: '8', low: '8', close: '12', high: '12' },
    ]
    const analytics = new AnalyticsFunction(plain)
    await analytics.run({ Records: recordsOf(shapes) })
    expect(analytics.noted).toEqual([{ lastPattern: 'A engulfing' }])
    expect(analytics.counted).toEqual([
      expect.objectContaining({ PatternsDetected: 1, PatternsWithdrawn: 0 }),
    ])
  })

  it('passes over what is no bar, and says so', async () => {
    const analytics = new AnalyticsFunction(plain)
    const Records = recordsOf([flat('A', 0, 10), '{"type":"bar"}', 'poison', flat('A', 1, 11)])
    expect(await analytics.run({ Records })).toEqual({ batchItemFailures: [] })
    expect(minutesOf(analytics, 'A')).toEqual(['00', '01'])
    expect(analytics.logged).toEqual([
      { message: expect.stringContaining('no bars'), details: { unreadable: 2 } },
    ])
  })
})

describe('with a function that throws for one symbol', () => {
  it('the other symbols of the batch are analysed, and the first bar of that one comes again', async () => {
    const Records = recordsOf(BATCH)
    const analytics = new AnalyticsFunction(faulty)
    expect(await analytics.run({ Records })).toEqual({
      batchItemFailures: [{ itemIdentifier: Records[1]?.kinesis.sequenceNumber }],
    })
    expect(minutesOf(analytics, 'A')).toEqual(['00', '01'])
    expect(minutesOf(analytics, 'B')).toEqual([])
    expect(minutesOf(analytics, 'C')).toEqual(['01'])
    expect(analytics.counted).toEqual([expect.objectContaining({ BatchesFailed: 1 })])
    expect(analytics.logged).toEqual([
      {
        message: expect.stringContaining('redelivered'),
        details: expect.objectContaining({ error: new Error('an indicator cannot take 13') }),
      },
    ])
  })

  it('what comes again says nothing anew of the symbols that were analysed', async () => {
    const Records = recordsOf(BATCH)
    const analytics = new AnalyticsFunction(faulty)
    await analytics.run({ Records })
    analytics.signals = []
    await analytics.run({ Records: Records.slice(1) })
    expect(analytics.signals).toEqual([])
  })

  it('its bar comes again under whatever partition key it lies on the stream', async () => {
    const Records = recordsOf(BATCH, 'shard')
    expect(await new AnalyticsFunction(faulty).run({ Records })).toEqual({
      batchItemFailures: [{ itemIdentifier: Records[1]?.kinesis.sequenceNumber }],
    })
  })
})
