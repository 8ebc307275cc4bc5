import { expect, it } from 'vitest'

import { adjustingOf } from '../../../../functions/api/adjustment/adjusting.ts'
import { parseTradingHours } from '../../../../functions/shared/runtime/trading-hours.ts'

it('bars as they were traded ask the database nothing more', async () => {
  const asked: string[] = []
  const sources = {
    database: {
      query: async (text: string) => {
        asked.push(text)
        return { rows: [] }
      },
    },
    now: Date.now,
    tradingHours: parseTradingHours('XNYS'),
  }
  const wanted = { symbols: ['AAPL'], since: 0, asof: undefined }
  expect(await adjustingOf(sources, { ...wanted, adjustment: 'raw' })).toBeUndefined()
  expect(asked).toEqual([])
  const adjusting = await adjustingOf(sources, { ...wanted, adjustment: 'all' })
  expect(await adjusting?.adjustmentOf('AAPL')).toBeUndefined()
  expect(asked).toEqual([expect.stringMatching(/FROM corporate_actions/)])
})
