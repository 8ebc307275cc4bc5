import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { TIMEFRAMES, ZONES } from '../../web/src/market/timeframes.ts'
import { type Place, readPlace, START, VIEWS, writePlace } from '../../web/src/state/url-state.ts'

const places = fc.record<Omit<Place, 'operation'>>({
  view: fc.constantFrom(...VIEWS),
  symbol: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })),
  timeframe: fc.constantFrom(...TIMEFRAMES),
  zone: fc.constantFrom(...ZONES),
  indicators: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}_\d{1,3}$/), { maxLength: 5 }),
  asof: fc.option(
    fc
      .date({ min: new Date('1990-01-01'), max: new Date('2050-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  ),
})

describe('the address', () => {
  it('holds the whole place', () => {
    fc.assert(
      fc.property(places, fc.constantFrom(null, 'get /v1/bars/{symbol}', 'post /v1/jobs'), (given, asked) => {
        const place: Place = { ...given, operation: given.view === 'api' ? asked : null }
        expect(readPlace(writePlace(place))).toEqual({ place, faults: [] })
      }),
    )
  })

  it('is one that a reader can write', () => {
    expect(readPlace('#/chart?symbol=BRK.B&timeframe=5Min&indicators=sma_20,rsi_14').place).toEqual({
      ...START,
      symbol: 'BRK.B',
      timeframe: '5Min',
      indicators: ['sma_20', 'rsi_14'],
    })
    const asof = '2025-11-10T17:30:00.000Z'
    expect(readPlace('#/chart?asof=2025-11-10T12:30:00-05:00').place.asof).toBe(asof)
    expect(writePlace({ ...START, symbol: 'ES/U', asof })).toBe(`#/chart?symbol=ES/U&asof=${asof}`)
  })

  it('names what it cannot use, and goes on without it', () => {
    const { place, faults } = readPlace(
      '#/nowhere?timeframe=5%20Min&tz=Mars&asof=yesterday&indicators=a%3Cb&symbol=A',
    )
    expect(place).toEqual({ ...START, symbol: 'A' })
    expect(faults).toEqual([
      'there is no view "nowhere"',
      'timeframe is "5 Min" in the address, and is left out',
      'tz is "Mars" in the address, and is left out',
      'indicators is "a<b" in the address, and is left out',
      'asof is "yesterday" in the address, and is left out',
    ])
    expect(readPlace('')).toEqual({ place: START, faults: [] })
  })
})
