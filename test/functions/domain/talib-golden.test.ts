import { describe, expect, it } from 'vitest'

import {
  createAnalysis,
  findPatterns,
  nameValues,
  startAnalysis,
  takeBar,
} from '../../../functions/domain/analysis.ts'
import { PATTERNS } from '../../../functions/domain/patterns/table.ts'
import { readGolden } from '../../support/golden.ts'

const SESSION = { timeZone: 'America/New_York', startMinutes: 0 }
const golden = readGolden()
const analysis = createAnalysis({
  indicators:
    'sma(14) sma(20) ema(14) rsi(14) macd(12,26,9) bollinger(20,2) atr(14) adx(14) stochastic(14,3,3) obv',
  patterns: PATTERNS.map(({ name }) => name).join(' '),
  vwapAnchor: SESSION,
})

const COLUMNS: Readonly<Record<string, string>> = {
  SMA14: 'sma_14',
  SMA20: 'sma_20',
  EMA14: 'ema_14',
  RSI14: 'rsi_14',
  MACD: 'macd_12_26_9',
  MACDSIGNAL: 'macd_signal_12_26_9',
  MACDHIST: 'macd_histogram_12_26_9',
  BBUPPER: 'bollinger_upper_20_2',
  BBMIDDLE: 'bollinger_middle_20_2',
  BBLOWER: 'bollinger_lower_20_2',
  ATR14: 'atr_14',
  PLUS_DI14: 'plus_di_14',
  MINUS_DI14: 'minus_di_14',
  ADX14: 'adx_14',
  STOCHK: 'stochastic_k_14_3_3',
  STOCHD: 'stochastic_d_14_3_3',
  OBV: 'obv',
}

/** Bars before the first that TA-Lib 0.6.4 can give a value: `talib.abstract.Function(name).lookback`. */
const LOOKBACKS: Readonly<Record<string, number>> = {
  CDLDOJI: 10,
  CDLHAMMER: 11,
  CDLHANGINGMAN: 11,
  CDLINVERTEDHAMMER: 11,
  CDLSHOOTINGSTAR: 11,
  CDLENGULFING: 2,
  CDLHARAMI: 11,
  CDLMORNINGSTAR: 12,
  CDLEVENINGSTAR: 12,
  CDL3WHITESOLDIERS: 12,
  CDL3BLACKCROWS: 13,
}

const state = startAnalysis(analysis)
const values = new Float64Array(analysis.outputs.length)
const findings = golden.map(({ bar }) => {
  takeBar(analysis, state, { bar, values })
  return { values: nameValues(analysis, values), patterns: findPatterns(analysis, state) }
})

describe.each(Object.entries(COLUMNS))('%s of TA-Lib', (column, name) => {
  it(`is ${name}, from its first value to the last of 20,000 bars`, () => {
    let worst = { error: 0, index: -1 }
    for (const [index, { talib }] of golden.entries()) {
      const expected = talib[column]
      const found = findings[index]?.values[name]
      if (expected === undefined || found === undefined) {
        expect({ index, found }).toEqual({ index, found: expected })
        continue
      }
      const error = Math.abs(found - expected) / Math.abs(expected || 1)
      if (!(error <= worst.error)) worst = { error, index }
    }
    expect(worst.error, `worst at bar ${worst.index}`).toBeLessThan(1e-9)
  })
})

const columns = [...new Set(golden.flatMap(({ talib }) => Object.keys(talib)))]

describe('the patterns of TA-Lib', () => {
  it('in the golden file are all here', () => {
    const sources = new Set(PATTERNS.map(({ source }) => source))
    expect(columns.filter((column) => column.startsWith('CDL') && !sources.has(column))).toEqual([])
  })
})

describe.each(
  PATTERNS.filter(({ source }) => columns.includes(source)).map(
    ({ source, name }) => [source, name] as const,
  ),
)('%s of TA-Lib', (source, name) => {
  const expected = golden.map(({ talib }) => talib[source] ?? 0)

  it(`is ${name}, on every bar`, () => {
    const signs = { bullish: 1, neutral: 1, bearish: -1 }
    const found = findings.map(({ patterns }) => {
      const detected = patterns.find(({ pattern }) => pattern.name === name)
      return detected === undefined ? 0 : signs[detected.direction] * detected.strength
    })
    expect(found).toEqual(expected)
    expect(expected.filter((value) => value !== 0).length).toBeGreaterThan(0)
  })

  it('needs as many bars as in TA-Lib: these suffice wherever it was found, and one less never does', () => {
    const needed = (LOOKBACKS[source] ?? Number.NaN) + 1
    const places = expected.flatMap((value, index) => (value === 0 ? [] : [index]))
    const isFoundIn = (bars: number) => places.filter((place) => finds(name, { place, bars }))
    expect(isFoundIn(needed)).toEqual(places)
    expect(isFoundIn(needed - 1)).toEqual([])
  })
})

/** Whether a pattern is found in the last of so many bars, when there were none before. */
function finds(name: string, { place, bars }: { readonly place: number; readonly bars: number }): boolean {
  const begun = startAnalysis(analysis)
  for (const { bar } of golden.slice(Math.max(0, place + 1 - bars), place + 1))
    takeBar(analysis, begun, { bar, values })
  return findPatterns(analysis, begun).some(({ pattern }) => pattern.name === name)
}
