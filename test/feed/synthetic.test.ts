import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidOptionError } from '../../feed/errors.ts'
import { defaultSymbols, profileOf, symbolNames } from '../../feed/symbols.ts'
import { syntheticTicks } from '../../feed/synthetic.ts'
import type { SyntheticOptions } from '../../feed/synthetic.ts'
import type { FeedTick } from '../../feed/tick.ts'

const START = Date.UTC(2026, 0, 5, 14, 30)
const MINUTE = 60_000

function ticks(options: Partial<SyntheticOptions> = {}): FeedTick[] {
  const settings = {
    symbols: symbolNames(5),
    seed: 42,
    intervalSeconds: 1,
    start: START,
    end: START + MINUTE,
  }
  return [...syntheticTicks({ ...settings, ...options })]
}

const options = fc.record({
  symbols: fc.integer({ min: 1, max: 80 }).map(symbolNames),
  seed: fc.integer(),
  intervalSeconds: fc.constantFrom(0.001, 0.0125, 0.3, 1, 7, 60, 3600),
  start: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  length: fc.nat(30),
})

describe('synthetic ticks', () => {
  it('are the same for the same seed, here and on any machine', () => {
    expect(ticks()).toEqual(ticks())
    expect(ticks().slice(0, 3)).toMatchInlineSnapshot(`
      [
        {
          "price": "259.81",
          "symbol": "AAPL",
          "timestamp": "1767623400.047",
          "volume": "100",
        },
        {
          "price": "188.37",
          "symbol": "NVDA",
          "timestamp": "1767623400.161",
          "volume": "400",
        },
        {
          "price": "516.07",
          "symbol": "MSFT",
          "timestamp": "1767623400.327",
          "volume": "100",
        },
      ]
    `)
  })

  it('differ from seed to seed, and from symbol to symbol', () => {
    expect(prices(1, 'AAPL')).not.toEqual(prices(2, 'AAPL'))
    expect(prices(1, 'SYM0071')).not.toEqual(prices(1, 'SYM0072'))
  })

  it('go on with the same series wherever a run ended and another starts', () => {
    fc.assert(
      fc.property(options, fc.double({ min: 0, max: 1, noNaN: true }), ({ length, ...rest }, share) => {
        const end = rest.start + Math.ceil(length * rest.intervalSeconds * 1000)
        const middle = Math.floor(rest.start + (end - rest.start) * share)
        const whole = ticks({ ...rest, end })
        expect([...ticks({ ...rest, end: middle }), ...ticks({ ...rest, start: middle, end })]).toEqual(whole)
      }),
      { numRuns: 50 },
    )
  })

  it('come in the order of time, within the asked time', () => {
    fc.assert(
      fc.property(options, ({ length, ...rest }) => {
        const end = rest.start + length * rest.intervalSeconds * 1000
        const times = ticks({ ...rest, end }).map(({ timestamp }) => Math.round(Number(timestamp) * 1000))
        expect(times).toEqual(times.toSorted((a, b) => a - b))
        expect(times.every((time) => time >= rest.start && time < end)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it.each([0.01, 1, 7, 60])('come once per symbol in each interval of %d s', (intervalSeconds) => {
    const intervalMs = intervalSeconds * 1000
    const symbols = symbolNames(75)
    const start = Math.ceil(START / intervalMs) * intervalMs
    for (let index = 0; index < 20; index++) {
      const from = start + index * intervalMs
      const own = ticks({ symbols, intervalSeconds, start: from, end: from + intervalMs })
      expect(own.map(({ symbol }) => symbol).toSorted()).toEqual(symbols.toSorted())
    }
  })

  it('of a symbol do not depend on the other symbols', () => {
    const alone = ticks({ symbols: ['TSLA'] })
    expect(ticks({ symbols: symbolNames(70) }).filter(({ symbol }) => symbol === 'TSLA')).toEqual(alone)
  })

  it('have prices in cents and volumes in shares, both positive, without binary noise', () => {
    fc.assert(
      fc.property(options, ({ length, ...rest }) => {
        const all = ticks({ ...rest, end: rest.start + length * rest.intervalSeconds * 1000 })
        const plain = /^\d+\.\d{3} (0|[1-9]\d*)\.\d{2} [1-9]\d*$/
        expect(all.filter((tick) => !plain.test(`${tick.timestamp} ${tick.price} ${tick.volume}`))).toEqual(
          [],
        )
        expect(all.every((tick) => Number(tick.price) > 0)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('move by steps like those of real trades', () => {
    const day = ticks({ symbols: defaultSymbols.slice(0, 20), end: START + 30 * MINUTE })
    for (const [symbol, own] of Map.groupBy(day, (tick) => tick.symbol)) {
      const path = own.map(({ price }) => Number(price))
      const steps = path.slice(1).map((price, index) => Math.abs(price / (path[index] ?? price) - 1))
      const { volatility } = profileOf(symbol)
      expect(mean(steps)).toBeGreaterThan(volatility * 0.4e-6)
      expect(mean(steps)).toBeLessThan(volatility * 2e-6 + 0.0001)
      expect(Math.max(...steps)).toBeLessThan(0.005)
      expect(new Set(path).size).toBeGreaterThan(20)
    }
  })

  it('stay around the price of their symbol for years', () => {
    for (let year = 0; year < 30; year++) {
      const start = START + year * 365.25 * 86_400_000
      for (const { symbol, price } of ticks({ symbols: defaultSymbols, start, end: start + 1000 })) {
        expect(Math.abs(Math.log(Number(price) / profileOf(symbol).price))).toBeLessThan(0.2)
      }
    }
  })

  it('stay around it at long intervals too', () => {
    const end = START + 1000 * 3_600_000
    for (const { symbol, price } of ticks({ intervalSeconds: 3600, end })) {
      expect(Math.abs(Math.log(Number(price) / profileOf(symbol).price))).toBeLessThan(0.6)
    }
  })

  it('are mostly round lots, some odd lots, and now and then a large one', () => {
    const volumes = ticks({ end: START + 30 * MINUTE }).map(({ volume }) => Number(volume))
    const share = (match: (volume: number) => boolean) => volumes.filter(match).length / volumes.length
    expect(share((volume) => volume % 100 === 0)).toBeCloseTo(0.75, 1)
    expect(share((volume) => volume < 100)).toBeCloseTo(0.25, 1)
    expect(share((volume) => volume >= 1000)).toBeGreaterThan(0.003)
    expect(share((volume) => volume >= 1000)).toBeLessThan(0.02)
  })

  it.each<[string, Partial<SyntheticOptions>]>([
    ['symbols', { symbols: [] }],
    ['symbols', { symbols: ['A', 'A'] }],
    ['seed', { seed: 1.5 }],
    ['intervalSeconds', { intervalSeconds: 0 }],
    ['intervalSeconds', { intervalSeconds: Number.NaN }],
    ['start', { start: Number.NaN }],
    ['end', { end: START - 1 }],
  ])('refuse a bad option %s', (option, bad) => {
    expect(() => ticks(bad)).toThrow(InvalidOptionError)
    expect(() => ticks(bad)).toThrow(option)
  })
})

describe('symbols', () => {
  it('are 70 well-known tickers, then generated names', () => {
    expect(new Set(defaultSymbols).size).toBe(70)
    expect(symbolNames(2)).toEqual(['AAPL', 'MSFT'])
    expect(symbolNames(72).slice(-2)).toEqual(['SYM0071', 'SYM0072'])
    expect(new Set(symbolNames(12_000)).size).toBe(12_000)
  })

  it('cannot be fewer than one', () => {
    expect(() => symbolNames(0)).toThrow(InvalidOptionError)
    expect(() => symbolNames(1.5)).toThrow('symbols')
  })
})

function prices(seed: number, symbol: string): string[] {
  return ticks({ seed, symbols: [symbol] }).map((tick) => tick.price)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
