import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { SentBars } from '../../../bin/bridge/sent-bars.ts'
import type { Bar } from '../../../bin/bridge/updates.ts'

const START = Date.parse('2025-11-10T17:00:00Z')

function bar(minute: number, revision: number, symbol = 'AAPL'): Bar {
  const timestamp = new Date(START + minute * 60_000).toISOString()
  const prices = { open: '1', high: '1', low: '1', close: '1', volume: '1', vwap: '1', trade_count: 1 }
  return { type: 'bar', symbol, timestamp, revision, ...prices }
}

describe('bars that were passed on', () => {
  it('are each new once, then corrected by higher revisions alone, whatever comes again', () => {
    const record = fc.record({ minute: fc.nat(9), revision: fc.integer({ min: 1, max: 4 }) })
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const sent = new SentBars()
        const told = new Map<number, { revision: number; news: number }>()
        for (const { minute, revision } of records) {
          const update = sent.judge(bar(minute, revision), 'live')
          const before = told.get(minute)
          if (before !== undefined && revision <= before.revision) {
            expect(update).toBeUndefined()
            continue
          }
          expect(update?.type).toBe(before === undefined && revision === 1 ? 'bar' : 'corrected')
          told.set(minute, { revision, news: (before?.news ?? 0) + (update?.type === 'bar' ? 1 : 0) })
        }
        for (const { news } of told.values()) expect(news).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('that were missed are new, whatever their revision', () => {
    const sent = new SentBars()
    expect(sent.judge(bar(0, 1), 'live')?.type).toBe('bar')
    expect(sent.judge(bar(0, 1), 'missed')).toBeUndefined()
    expect(sent.judge(bar(0, 2), 'missed')?.type).toBe('corrected')
    expect(sent.judge(bar(1, 3), 'missed')?.type).toBe('bar')
    expect(sent.judge(bar(1, 3), 'live')).toBeUndefined()
  })

  it('are told from an imported bar, which trades correct', () => {
    const sent = new SentBars()
    expect(sent.judge(bar(0, 0), 'live')?.type).toBe('bar')
    expect(sent.judge(bar(0, 1), 'live')?.type).toBe('corrected')
  })

  it('of two symbols are two', () => {
    const sent = new SentBars()
    sent.judge(bar(0, 1), 'live')
    expect(sent.judge(bar(0, 1, 'MSFT'), 'live')?.type).toBe('bar')
  })
})
