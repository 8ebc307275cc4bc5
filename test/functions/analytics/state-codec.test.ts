import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { largestItem } from '../../../functions/analytics/largest-state.ts'
import { NumberReader, NumberWriter } from '../../../functions/analytics/number-bytes.ts'
import { createStateCodec, startSymbol } from '../../../functions/analytics/state-codec.ts'
import { BarFold, type SymbolAnalysis } from '../../../functions/domain/signals.ts'
import type { SeriesBar } from '../../../functions/domain/series.ts'
import { DEFAULT_INDICATORS } from '../../../functions/domain/indicators/table.ts'
import { DEFAULT_PATTERNS } from '../../../functions/domain/patterns/table.ts'
import { readAnalysis } from '../../../functions/shared/runtime/analysis-fields.ts'
import { readGolden } from '../../support/golden.ts'
import { barsArbitrary } from '../../support/random-bars.ts'

const analysisOf = (indicators: string) =>
  readAnalysis({ indicators, patterns: DEFAULT_PATTERNS, vwapAnchor: 'America/New_York 00:00' })
const analysis = analysisOf(DEFAULT_INDICATORS)
const codec = createStateCodec(analysis)

/** SHA-256 of the state after the first 3,000 bars of the golden set, as the code of revision 6f6db35 wrote it. */
const WRITTEN_BEFORE = 'bccd820d8e2c20f3a3b43ffd329febea716cc4978a3aa1969ceb8d267a8c58e6'

function take(state: SymbolAnalysis, bars: readonly SeriesBar[], of = analysis) {
  const revised = bars.map((bar) => ({ bar, revision: 1, withdrawn: false, closedAt: 0 }))
  return new BarFold(of, state, { latenessSeconds: 120 }).take(revised).signals
}

/** Any finite double; whole ones, which all prices are, more often than others, and multiples of powers of ten. */
const anyPrice = fc
  .oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeNat(),
    fc.tuple(fc.maxSafeNat(), fc.integer({ min: 0, max: 8 })).map(([count, power]) => count * 10 ** power),
    fc.tuple(fc.nat(9999), fc.integer({ min: 0, max: 18 })).map(([count, power]) => count * 10 ** power),
    // More than eight decimals.
    fc.tuple(fc.maxSafeNat(), fc.integer({ min: 1, max: 10 })).map(([count, power]) => count / 10 ** power),
  )
  .chain((price) => fc.constantFrom(price, -price))
  // There is no price of -0.
  .map((price) => price + 0)
const anyBar = fc.record({
  open: anyPrice,
  high: anyPrice,
  low: anyPrice,
  close: anyPrice,
  volume: anyPrice,
  vwap: anyPrice,
})

function flatBar(price: number, index: number): SeriesBar {
  return {
    start: 60 * index,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: price,
    vwap: price,
  }
}

describe('the state in its item', () => {
  it('says the same as the one that stayed in memory, wherever it is cut', () => {
    fc.assert(
      fc.property(
        barsArbitrary({ min: 1, max: 300 }),
        fc.array(fc.nat(299), { maxLength: 10 }),
        (bars, cuts) => {
          const whole = startSymbol(analysis)
          let cut = startSymbol(analysis)
          for (const [index, bar] of bars.entries()) {
            if (cuts.includes(index)) cut = codec.decode(codec.encode(cut))
            expect(take(cut, [bar])).toEqual(take(whole, [bar]))
          }
        },
      ),
      { numRuns: 100 },
    )
  })

  it('is the state to the bit, and takes less than 1 KB of the item, after 3,000 bars', () => {
    const state = startSymbol(analysis)
    take(
      state,
      readGolden()
        .slice(0, 3000)
        .map(({ bar }) => bar),
    )
    const item = codec.encode(state)
    const decoded = codec.decode(item)
    expect(decoded.finalized.indicators).toEqual(state.finalized.indicators)
    expect(decoded.newest.indicators).toEqual(state.newest.indicators)
    expect(decoded.recent).toEqual(state.recent)
    expect(codec.encode(decoded)).toEqual(item)
    expect(item['state']?.B?.length).toBeLessThan(1000)
  })

  it('has the bytes that releases have written since layout 1, so that each reads what another wrote', () => {
    let item = codec.encode(startSymbol(analysis))
    for (const { bar } of readGolden().slice(0, 3000)) {
      const state = codec.decode(item)
      take(state, [bar])
      item = codec.encode(state)
    }
    const bytes = item['state']?.B ?? new Uint8Array()
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(WRITTEN_BEFORE)
  })

  it('is the state to the bit, whatever the magnitude of prices and volumes', () => {
    fc.assert(
      fc.property(fc.array(anyBar, { minLength: 1, maxLength: 30 }), (shapes) => {
        const state = startSymbol(analysis)
        take(
          state,
          shapes.map((shape, index) => ({ ...shape, start: 1_760_106_720 + 60 * index })),
        )
        expect(codec.decode(codec.encode(state))).toEqual(state)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['more than 2⁵³ units: 6289106365.668704', [628_910_636_566_870_400, 628_910_636_566_870_528]],
    ['large beside a small one with eight decimals', [9_440_000_000_000_000, 431_242_315_238_089]],
    ['no whole number of units', [0.1, 0.2, 1.7e-300]],
  ])('has a close that is %s to the bit, finalized or not', (_what, closes) => {
    const state = startSymbol(analysis)
    for (const [index, close] of [...closes, 1, 1, 1, ...closes].entries()) {
      take(state, [{ ...flatBar(1, index), close }])
      expect(codec.decode(codec.encode(state))).toEqual(state)
    }
  })

  it('takes no more than the largest, whatever its prices and volumes are', () => {
    const largest = largestItem(analysis, 120)
    fc.assert(
      fc.property(fc.array(anyBar, { minLength: 205, maxLength: 210 }), (shapes) => {
        const state = startSymbol(analysis)
        take(
          state,
          shapes.map((shape, index) => ({ ...shape, start: 1_760_106_720 + 60 * index })),
        )
        const bytes = codec.encode(state)['state']?.B?.length
        expect(bytes).toBeLessThan(largest)
        expect(bytes).toBeGreaterThan(largest / 2)
      }),
      { numRuns: 20 },
    )
  })

  it('keeps what goes on running when the selection changes, and begins what is new', () => {
    const bars = readGolden()
      .slice(0, 100)
      .map(({ bar }) => bar)
    const state = startSymbol(analysis)
    take(state, bars.slice(0, 60))
    const other = analysisOf('rsi(14) sma(9) sma(50)')
    const changed = createStateCodec(other).decode(codec.encode(state))
    const [values] = take(changed, bars.slice(60, 61), other).map((minute) => minute.values)
    const [expected] = take(state, bars.slice(60, 61)).map((minute) => minute.values)
    const rsi = expected?.[analysis.outputs.indexOf('rsi_14')]
    const sma = expected?.[analysis.outputs.indexOf('sma_50')]
    expect([...(values ?? [])]).toEqual([rsi, Number.NaN, sma])
  })

  it.each([
    [{}, /no attribute "state"/],
    [{ state: { B: Uint8Array.of(40) } }, /its layout is 10/],
    [{ state: { B: new Uint8Array() } }, /bytes end within a number/],
  ])('that is none is refused', (item, says) => {
    expect(() => codec.decode(item)).toThrow(says)
  })

  it('that is cut off or goes on is refused', () => {
    const state = startSymbol(analysis)
    take(
      state,
      readGolden()
        .slice(0, 30)
        .map(({ bar }) => bar),
    )
    const bytes = codec.encode(state)['state']?.B ?? new Uint8Array()
    expect(() => codec.decode({ state: { B: bytes.slice(0, -1) } })).toThrow(RangeError)
    expect(() => codec.decode({ state: { B: Uint8Array.of(...bytes, 0) } })).toThrow(/left over/)
  })
})

describe('numbers as bytes', () => {
  it('come back as they were', () => {
    const numbers = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.integer({ min: -70, max: 70 }),
    )
    fc.assert(
      fc.property(
        fc.array(fc.oneof(numbers, fc.string({ unit: 'grapheme' })), { maxLength: 400 }),
        (values) => {
          const writer = new NumberWriter()
          for (const value of values) {
            if (typeof value === 'number') writer.number(value)
            else writer.text(value)
          }
          const reader = new NumberReader(writer.end())
          for (const value of values)
            expect(typeof value === 'number' ? reader.number() : reader.text()).toBe(value)
          expect(reader.isAtEnd()).toBe(true)
        },
      ),
    )
  })
})
