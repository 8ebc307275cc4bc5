import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { barsOfSymbolSchema, liveRecordSchema } from '../../web/src/api/schemas.ts'

const streams = readFileSync('docs/streams.md', 'utf8')
const samples = [...streams.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']): unknown =>
  JSON.parse(json),
)

function sampleOf(type: string): unknown {
  return samples.find((one) => typeof one === 'object' && one !== null && Reflect.get(one, 'type') === type)
}

describe('records of the WebSocket', () => {
  it('are read as docs/streams.md has them', () => {
    expect(liveRecordSchema.parse(sampleOf('bar'))).toMatchObject({
      type: 'bar',
      symbol: 'AAPL',
      bar: { time: Date.parse('2025-11-10T17:24:00Z') / 1000, close: '150.25', revision: 1, trades: 12 },
    })
    expect(liveRecordSchema.parse(sampleOf('indicators'))).toMatchObject({
      minute: { values: { sma_5: '150.182', rsi_14: '44.57820541308232', obv: '0' } },
    })
    expect(liveRecordSchema.parse(sampleOf('patterns'))).toMatchObject({
      change: {
        withdrawn: ['doji'],
        patterns: [{ type: 'engulfing', direction: 'bullish', confidence: '0.5556' }],
      },
    })
  })

  it('may have fields that this page does not know', () => {
    const prices = { open: '1', high: '1', low: '1', close: '1', volume: '1' }
    const tick = { type: 'ticks', symbol: 'A', ...prices, trades: 1, time: 1_760_106_735.123 }
    expect(liveRecordSchema.parse({ ...tick, venue: 'X' })).toEqual(tick)
  })

  it('are left out where they have another form', () => {
    for (const wrong of [
      null,
      { type: 'quote' },
      { type: 'ticks', symbol: 'A' },
      { type: 'bar', open: 'NaN' },
    ])
      expect(liveRecordSchema.safeParse(wrong).success).toBe(false)
  })
})

describe('answers of the API', () => {
  it('keep every digit of a price', () => {
    const price = '0.100000000000000001'
    const read = {
      t: '2025-11-10T17:24:00Z',
      o: price,
      h: price,
      l: price,
      c: price,
      v: '1',
      n: 1,
      vw: null,
      rev: 1,
    }
    const { bars } = barsOfSymbolSchema.parse({
      bars: [{ ...read, notional: null, complete: null }],
      next_page_token: null,
    })
    expect(bars).toMatchObject([{ open: price, complete: null, vwap: null }])
  })
})
