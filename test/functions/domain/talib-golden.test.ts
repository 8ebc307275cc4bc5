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
  session: SESSION,
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

describe.each(PATTERNS.map((pattern) => [pattern.source, pattern] as const))(
  '%s of TA-Lib',
  (source, { name }) => {
    it(`is ${name}, on every bar`, () => {
      const signs = { bullish: 1, neutral: 1, bearish: -1 }
      const found = findings.map(({ patterns }) => {
        const detected = patterns.find(({ pattern }) => pattern.name === name)
        return detected === undefined ? 0 : signs[detected.direction] * detected.strength
      })
      const expected = golden.map(({ talib }) => talib[source] ?? 0)
      expect(found).toEqual(expected)
      expect(expected.filter((value) => value !== 0).length).toBeGreaterThan(0)
    })
  },
)
