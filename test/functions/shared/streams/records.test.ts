import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decimalSchema,
  minuteSchema,
  parseBarRecord,
  parseWritableRecord,
  RecordError,
} from '../../../../functions/shared/streams/records.ts'

const bar = {
  type: 'bar',
  symbol: 'AAPL',
  timestamp: '2025-11-10T17:24:00Z',
  timeframe: '1Min',
  revision: 1,
  open: '150.25',
  high: '150.3',
  low: '150.2',
  close: '150.25',
  volume: '184467440737.09551615',
  notional: '27716241993.12345678',
  vwap: '150.24999999',
  trade_count: 12,
  complete: true,
  withdrawn: false,
  closed_at: 1762795500123,
  source: null,
}

describe('a bar record', () => {
  it('is read as it was written', () => {
    expect(parseBarRecord(JSON.stringify(bar))).toEqual(bar)
  })

  it('of release 0.1.0 does not tell notional and completeness', () => {
    const { notional: _notional, complete: _complete, ...older } = bar
    expect(parseBarRecord(JSON.stringify(older))).toEqual({ ...bar, notional: null, complete: null })
  })

  it('is no withdrawn one unless it says so', () => {
    const { withdrawn: _withdrawn, ...silent } = bar
    expect(parseBarRecord(JSON.stringify(silent)).withdrawn).toBe(false)
    expect(parseBarRecord(JSON.stringify({ ...bar, withdrawn: true })).withdrawn).toBe(true)
    expect(() => parseBarRecord(JSON.stringify({ ...bar, withdrawn: 'yes' }))).toThrow(/withdrawn/)
  })

  it('has the revision 0 where it was imported, and only there', () => {
    const imported = { ...bar, revision: 0, source: 'binance' }
    expect(parseBarRecord(JSON.stringify(imported))).toEqual(imported)
    expect(() => parseBarRecord(JSON.stringify({ ...bar, revision: 0 }))).toThrow(/revision 0/)
    expect(() => parseBarRecord(JSON.stringify({ ...bar, source: 'binance' }))).toThrow(/revision 0/)
  })

  it('takes prices below zero', () => {
    expect(parseBarRecord(JSON.stringify({ ...bar, low: '-37.63' })).low).toBe('-37.63')
  })

  it('has no vwap when nothing was traded', () => {
    expect(parseBarRecord(JSON.stringify({ ...bar, volume: '0', vwap: null })).vwap).toBeNull()
  })

  it('takes symbols with the punctuation of exchanges', () => {
    for (const symbol of ['BRK.B', 'XBT/USD', 'ES=F', '^GSPC', 'O’X']) {
      expect(parseBarRecord(JSON.stringify({ ...bar, symbol })).symbol).toBe(symbol)
    }
  })

  it.each([
    ['price as a number', { open: 150.25 }, /open/],
    ['negative volume', { volume: '-1' }, /volume/],
    ['NaN', { close: 'NaN' }, /close/],
    ['missing volume', { volume: undefined }, /volume/],
    ['fewer than no trades', { trade_count: -1 }, /trade_count/],
    ['complete as text', { complete: 'yes' }, /complete/],
    ['half a revision', { revision: 1.5 }, /revision/],
    ['revision 0', { revision: 0 }, /revision/],
    ['empty symbol', { symbol: '' }, /symbol/],
    ['long symbol', { symbol: 'A'.repeat(200) }, /symbol/],
    ['control character in the symbol', { symbol: 'A\u0000' }, /symbol/],
    ['other timeframe', { timeframe: '5Min' }, /timeframe/],
    ['other type', { type: 'patterns' }, /type/],
    ['seconds in the minute', { timestamp: '2025-11-10T17:24:01Z' }, /timestamp/],
  ])('with %s is refused, and the message names the field', (_, change, field) => {
    const parse = () => parseBarRecord(JSON.stringify({ ...bar, ...change }))
    expect(parse).toThrow(RecordError)
    expect(parse).toThrow(field)
  })

  it('that is not JSON is refused with a short excerpt', () => {
    expect(() => parseBarRecord('{}'.repeat(500_000))).toThrow(/^not JSON: .{1,250}$/s)
    expect(() => parseBarRecord('x'.repeat(1_000_000))).toThrow(/^not JSON: .{1,250}$/s)
  })
})

describe('a record of signals', () => {
  it.each([2000, 8600, 100_000])(
    'of %i objects in each other is refused, though data may be any',
    (depth) => {
      const text = `{"type":"patterns","patterns":[{"pattern_data":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}]}`
      expect(() => parseWritableRecord(text)).toThrow(RecordError)
      expect(() => parseWritableRecord(text)).toThrow(/more than 32 deep, from character \d+ on: /)
    },
  )

  it('with brackets in its text is not deep', () => {
    const patterns = [`"\\${'[{'.repeat(100)}`]
    expect(() => parseWritableRecord(JSON.stringify({ type: 'patterns', patterns }))).toThrow(/and 3 more/)
  })

  it('that is wrong all over is refused with a short reason', () => {
    const patterns = Array.from({ length: 100_000 }, () => 1)
    const parse = () => parseWritableRecord(JSON.stringify({ type: 'patterns', patterns }))
    expect(parse).toThrow(/; and 100002 more\): .{1,250}$/s)
    expect(parse).toThrow(/^.{1,1500}$/s)
  })
})

describe('a decimal', () => {
  it.each(['0', '0.00000001', '10', '184467440737.09551615', `${'9'.repeat(30)}.99999999`])(
    '%s is canonical',
    (text) => {
      expect(decimalSchema.safeParse(text).success).toBe(true)
    },
  )

  it.each([
    '',
    '.5',
    '1.',
    '01',
    '1.50',
    '1e3',
    '+1',
    '-0',
    '1.0000000000000000001',
    '1'.repeat(31),
    ' 1',
    '1\n',
  ])('%j is refused', (text) => {
    expect(decimalSchema.safeParse(text).success).toBe(false)
  })
})

describe('a minute', () => {
  it.each(['1969-12-31T23:59:00Z', '2024-02-29T00:00:00Z'])('%s exists', (text) => {
    expect(minuteSchema.safeParse(text).success).toBe(true)
  })

  it.each(['2025-02-29T00:00:00Z', '2025-13-01T00:00:00Z', '2025-11-10T24:00:00Z', '2025-11-10T17:60:00Z'])(
    '%s does not exist',
    (text) => {
      expect(minuteSchema.safeParse(text).success).toBe(false)
    },
  )
})

it('a minute is one of the calendar, as a Date has it', () => {
  const two = (most: number) => fc.nat(most).map((number) => String(number).padStart(2, '0'))
  const year = fc
    .oneof(fc.nat(9999), fc.constantFrom(1900, 2000, 2024, 2100))
    .map((number) => String(number).padStart(4, '0'))
  fc.assert(
    fc.property(year, two(13), two(32), two(25), two(61), (years, month, day, hour, minute) => {
      const text = `${years}-${month}-${day}T${hour}:${minute}:00Z`
      const date = new Date(text)
      const isMinute = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text.slice(0, 16))
      expect(minuteSchema.safeParse(text).success).toBe(isMinute)
    }),
    { numRuns: 2000 },
  )
})
