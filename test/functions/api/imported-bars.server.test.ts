import { afterAll, beforeAll, expect, it } from 'vitest'

import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

let api: ApiHarness

const at = (minute: number): string => `2025-11-10T17:0${minute}:00Z`
const imported = { revision: 0, source: 'kraken', vwap: null, notional: null, trade_count: 0 } as const
const ofTrades = { vwap: '10', notional: '20', volume: '2', trade_count: 2 } as const

beforeAll(async () => {
  api = await startApi()
  // Of trades only, imported only, replaced by one of trades, and never replacing one.
  await api.write([
    bar({ timestamp: at(0), ...ofTrades }),
    bar({ timestamp: at(1), ...imported }),
    bar({ timestamp: at(2), ...imported }),
    bar({ timestamp: at(3), ...ofTrades }),
  ])
  await api.write([bar({ timestamp: at(2), ...ofTrades }), bar({ timestamp: at(3), ...imported })])
})

afterAll(() => api.close())

it('an imported bar says whose it is; one of trades replaces it, and is replaced by none', async () => {
  const { json } = await api.get(`/v1/bars/AAPL?start=${at(0)}&end=${at(4)}`)
  expect(json).toMatchObject({
    bars: [
      { t: at(0), rev: 1, n: 2 },
      { t: at(1), rev: 0, n: 0, vw: null, source: 'kraken' },
      { t: at(2), rev: 1, n: 2 },
      { t: at(3), rev: 1, n: 2 },
    ],
  })
  expect(JSON.stringify(json).match(/source/g)).toHaveLength(1)
})

it('a longer bar with an imported minute says so, and tells no price that the minute does not', async () => {
  const { json } = await api.get(`/v1/bars/AAPL?timeframe=5Min&start=${at(0)}&end=${at(5)}`)
  expect(json).toMatchObject({ bars: [{ t: at(0), vw: null, notional: null, source: 'kraken', n: 6 }] })
})

it('an imported bar that was replaced is no correction', async () => {
  const { json } = await api.get(`/v1/bars/AAPL/revisions?start=${at(0)}&end=${at(5)}`)
  expect(json).toMatchObject({ revisions: [] })
})
