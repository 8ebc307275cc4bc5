import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { writeBars } from '../../../functions/bar-writer/write-bars.ts'
import { indicatorRow } from '../../../functions/bar-writer/indicator-row.ts'
import { writeIndicators } from '../../../functions/bar-writer/write-indicators.ts'
import { writePatterns } from '../../../functions/bar-writer/write-patterns.ts'
import { createStoredBars } from '../../../functions/rebuilder/stored-bars.ts'
import { createStoredSignals } from '../../../functions/rebuilder/stored-signals.ts'
import type { Database } from '../../../functions/shared/postgres/database.ts'
import { createDatabase, type TestDatabase } from '../../support/test-database.ts'
import { bar } from '../bar-writer/bars.ts'

const T = Date.parse('2025-11-10T14:30:00Z') / 1000
const at = (minute: number): string => `2025-11-10T14:${30 + minute}:00Z`
const stamps = { symbol: 'AAPL', timeframe: '1Min', calculated_at: 0, closed_at: 0 } as const
const doji = {
  pattern_type: 'doji',
  direction: 'neutral',
  strength: 100,
  confidence: 0.5556,
  pattern_data: { candles: [{ open: 150.18 }], margins: { body: 0.5 } },
} as const

let server: TestDatabase
let reader: Database

beforeAll(async () => {
  server = await createDatabase()
  const writer = server.open('app_readwrite')
  await writeBars(writer, [
    ...[0, 1, 2, 4].map((minute) => bar({ timestamp: at(minute) })),
    bar({ timestamp: at(4), revision: 2, withdrawn: true, volume: '0', trade_count: 0 }),
  ])
  await writeIndicators(writer, [
    indicatorRow({
      ...stamps,
      type: 'indicators',
      timestamp: at(0),
      revision: 3,
      values: { sma_5: 0.1 + 0.2, obv: -7 },
    }),
    indicatorRow({ ...stamps, type: 'indicators', timestamp: at(1), revision: 1, values: {} }),
  ])
  const patterns = { ...stamps, type: 'patterns' as const, timestamp: at(0) }
  await writePatterns(writer, [
    { ...patterns, revision: 2, patterns: [doji, { ...doji, pattern_type: 'hammer' }], withdrawn: [] },
    { ...patterns, revision: 4, patterns: [], withdrawn: ['hammer'] },
  ])
  await writer.end()
  reader = server.open('app_readonly')
})

afterAll(async () => {
  await reader.end()
  await server.remove()
})

describe('what the rebuilder reads', () => {
  it('of signals is to the bit, with the highest revision of a minute, without patterns that are withdrawn', async () => {
    const found = await createStoredSignals(reader)('AAPL', { from: T, to: T + 60 })
    expect([...found]).toEqual([
      [T, { revision: 4, values: { sma_5: 0.1 + 0.2, obv: -7 }, patterns: [doji] }],
    ])
    const both = await createStoredSignals(reader)('AAPL', { from: T, to: T + 61 })
    expect(both.get(T + 60)).toEqual({ revision: 1, values: {}, patterns: [] })
    expect(await createStoredSignals(reader)('MSFT', { from: T, to: T + 600 })).toEqual(new Map())
  })

  it('of bars says which are withdrawn, and where the last ones before a time begin', async () => {
    const stored = createStoredBars(reader)
    const bars = (await stored.read(['AAPL'], { from: T, to: T + 600 })).get('AAPL')
    expect([...(bars?.values() ?? [])].map(({ start, withdrawn }) => [(start - T) / 60, withdrawn])).toEqual(
      expect.arrayContaining([
        [2, false],
        [4, true],
      ]),
    )
    expect(await stored.startBefore('AAPL', T + 600, 2)).toBe(T + 60)
    expect(await stored.startBefore('AAPL', T + 60, 100)).toBe(T)
    expect(await stored.startBefore('AAPL', T, 100)).toBe(undefined)
  })
})
