import { describe, expect, it } from 'vitest'

import { tradeChecker } from '../../../bin/stage/check-trade.ts'
import { MinuteSet } from '../../../bin/stage/minute-set.ts'
import { toBarRecord } from '../../../bin/stage/to-bar-record.ts'
import type { FileBar } from '../../../feed/files/bars/read-bars.ts'
import { barRecordSchema } from '../../../functions/shared/streams/records.ts'

/** 2025-01-02T00:00:00Z */
const T = 1_735_776_000
const check = tradeChecker({ now: Date.now, allowsNonPositive: (symbol) => symbol === 'CL' })
const bar = (change: Partial<FileBar> = {}): FileBar => ({
  symbol: 'A',
  timestamp: `${T}.000`,
  open: '10.50',
  high: '12',
  low: '9',
  close: '11',
  volume: '3.0',
  notional: undefined,
  vwap: undefined,
  trades: undefined,
  ...change,
})
const made = (change?: Partial<FileBar>) => toBarRecord(bar(change), { source: 'binance', check })

describe('a bar of a file', () => {
  it('is a record of the stream with the revision 0 and its source', () => {
    const record = made({ notional: '31', trades: '4' })
    expect(record).toEqual({
      type: 'bar',
      symbol: 'A',
      timestamp: '2025-01-02T00:00:00Z',
      timeframe: '1Min',
      revision: 0,
      open: '10.5',
      high: '12',
      low: '9',
      close: '11',
      volume: '3',
      notional: '31',
      vwap: '10.33333333',
      trade_count: 4,
      complete: null,
      withdrawn: false,
      closed_at: (T + 60) * 1000,
      source: 'binance',
    })
    expect(barRecordSchema.parse(record)).toEqual(record)
  })

  it('has no notional and no price by volume that its prices cannot come to, or that it does not tell', () => {
    expect(made({ notional: '50', vwap: '10.2' })).toMatchObject({
      notional: null,
      vwap: '10.2',
      trade_count: 0,
    })
    expect(made({ vwap: '12.5' })).toMatchObject({ notional: null, vwap: null })
    expect(made({ volume: '0', vwap: '10' })).toMatchObject({ volume: '0', vwap: null })
  })

  it('keeps every digit', () => {
    const price = '0.000000000000000001'
    const record = made({ open: price, high: price, low: price, close: price, volume: '999999999999999' })
    expect(record).toMatchObject({ open: price, volume: '999999999999999' })
  })

  it.each([
    [{ timestamp: String(T + 30) }, 'no-minute', `the time ${T + 30} is not the start of a minute`],
    [{ high: '10' }, 'bad-bar', 'are not between low 9 and high 10'],
    [{ low: 'n/a' }, 'bad-price', '"n/a"'],
    [{ low: '-1' }, 'bad-price', '-1'],
    [{ volume: '-1' }, 'bad-volume', '-1'],
    [{ timestamp: '9999999960' }, 'future', 'in the future'],
    [{ trades: 'many' }, 'bad-trades', '"many" is no number of trades'],
    [{ symbol: ' A' }, 'bad-symbol', ''],
  ])('%j is refused as %s', (change, reason, says) => {
    expect(made(change)).toMatchObject({ reason, detail: expect.stringContaining(says) })
  })

  it('may be below zero where the symbol may', () => {
    const below = { symbol: 'CL', open: '-37', high: '-30', low: '-40', close: '-38', notional: '-111' }
    expect(made(below)).toMatchObject({ low: '-40', notional: '-111', vwap: '-37' })
  })
})

it('a set of minutes has each symbol and minute once', () => {
  const set = new MinuteSet()
  expect([set.add('A', 1440), set.add('A', 1441), set.add('B', 1440), set.add('A', 2880)]).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect([set.add('A', 1440), set.add('A', 2880), set.add('A', 1442)]).toEqual([false, false, true])
})
