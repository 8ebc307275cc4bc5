import { describe, expect, it } from 'vitest'

import { parseTradingHours } from '../../../functions/shared/runtime/trading-hours.ts'
import { SILENT_MS, VenueWatch } from '../../../functions/venue-feed/venue-watch.ts'

const ALWAYS = parseTradingHours('always')
const NEW_YORK = parseTradingHours('America/New_York 09:30-16:00')
const counts = (trades: number, missing = 0) => ({ trades, duplicates: 0, filled: 0, missing, cancelled: 0 })

describe('the watch of a venue', () => {
  it('counts what was new in a minute, also after the feed was started again', () => {
    const watch = new VenueWatch(['A'], ALWAYS)
    watch.counted(counts(10))
    expect(watch.minute(0).counts).toEqual(counts(10))
    watch.counted(counts(15, 2))
    expect(watch.minute(1).counts).toEqual(counts(5, 2))
    watch.restarted()
    watch.counted(counts(3))
    expect(watch.minute(2).counts).toEqual(counts(3))
    expect(watch.minute(3).counts).toEqual(counts(0))
  })

  it('counts connections after the first one', () => {
    const watch = new VenueWatch(['A'], ALWAYS)
    expect(watch.minute(0).reconnects).toBe(0)
    watch.connected()
    expect(watch.minute(0).reconnects).toBe(0)
    watch.connected()
    watch.connected()
    expect(watch.minute(0).reconnects).toBe(2)
    expect(watch.minute(0).reconnects).toBe(0)
  })

  it('has the longest lag of the minute', () => {
    const watch = new VenueWatch(['A'], ALWAYS)
    for (const lagMs of [5, 90, 7]) watch.traded('A', { now: 0, lagMs })
    expect(watch.minute(0).lagMs).toBe(90)
    expect(watch.minute(0).lagMs).toBeUndefined()
  })

  it('names symbols without a trade for ten minutes, in any case, from its start on', () => {
    const watch = new VenueWatch(['btc/usd', 'ETH/USD'], ALWAYS)
    expect(watch.minute(0).silent).toEqual([])
    watch.traded('BTC/USD', { now: 1000, lagMs: 0 })
    expect(watch.minute(SILENT_MS).silent).toEqual(['ETH/USD'])
    expect(watch.minute(SILENT_MS + 1000).silent).toEqual(['BTC/USD', 'ETH/USD'])
    watch.traded('ETH/USD', { now: SILENT_MS + 2000, lagMs: 0 })
    expect(watch.minute(SILENT_MS + 3000).silent).toEqual(['BTC/USD'])
  })

  it('names none while the market is closed, and waits ten minutes after it has opened', () => {
    const watch = new VenueWatch(['AAPL'], NEW_YORK)
    const open = Date.parse('2025-11-10T14:30:00Z')
    expect(watch.minute(open - SILENT_MS).silent).toEqual([])
    expect(watch.minute(open).silent).toEqual([])
    expect(watch.minute(open + SILENT_MS - 1).silent).toEqual([])
    expect(watch.minute(open + SILENT_MS).silent).toEqual(['AAPL'])
    expect(watch.minute(Date.parse('2025-11-10T21:00:00Z')).silent).toEqual([])
    const mixed = new VenueWatch(['AAPL', 'BTC/USD'], parseTradingHours('{"*/*":"24/7","*":"XNYS"}'))
    expect(mixed.minute(Date.parse('2025-11-27T15:00:00Z')).silent).toEqual([])
    expect(mixed.minute(Date.parse('2025-11-27T15:10:00Z')).silent).toEqual(['BTC/USD'])
    expect(new VenueWatch(['AAPL'], parseTradingHours('off')).minute(open + SILENT_MS).silent).toEqual([])
  })
})
