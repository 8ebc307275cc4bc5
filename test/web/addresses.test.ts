import { describe, expect, it } from 'vitest'

import { addressOf, ALL_SYMBOLS, latestBars, newestBars } from '../../web/src/api/addresses.ts'

const BARS = { symbol: 'BTC/USD', timeframe: '5Min', zone: 'America/New_York', limit: 500 } as const

describe('the addresses of the API', () => {
  it('name the symbol of newest bars whatever its characters, and leave out what is not asked', () => {
    const { pathname, searchParams } = new URL(addressOf(newestBars(BARS)), 'http://localhost')
    expect(pathname).toBe('/v1/bars/BTC%2FUSD')
    expect(Object.fromEntries(searchParams)).toEqual({
      numbers: 'string',
      timeframe: '5Min',
      tz: 'America/New_York',
      start: '1980-01-01T00:00:00Z',
      sort: 'desc',
      limit: '500',
    })
  })

  it('name a hundred symbols each, and all of them once', () => {
    const symbols = Array.from({ length: 201 }, (_, number) => `S${number}`)
    const named = latestBars(symbols).map(({ parameters }) => parameters?.['symbols']?.split(',') ?? [])
    expect(named.map(({ length }) => length)).toEqual([100, 100, 1])
    expect(named.flat()).toEqual(symbols)
    expect(latestBars([])).toEqual([])
  })

  it('have no question mark without parameters', () => {
    expect(addressOf(ALL_SYMBOLS)).toBe('/v1/symbols?limit=10000')
    expect(addressOf({ path: '/config.json', parameters: { end: undefined } })).toBe('/config.json')
  })
})
