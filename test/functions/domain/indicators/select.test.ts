import { describe, expect, it } from 'vitest'

import { selectIndicators } from '../../../../functions/domain/indicators/select.ts'
import { DEFAULT_INDICATORS } from '../../../../functions/domain/indicators/table.ts'
import { SelectionError } from '../../../../functions/domain/selection.ts'

const select = (text: string) => selectIndicators(text, { vwapDayOf: () => 0 })

describe('a selection of indicators', () => {
  it('names every value after its parameters', () => {
    expect(
      select('sma(20)  macd( 12, 26 ,9) bollinger(20,2.5) obv').flatMap(({ outputs }) => outputs),
    ).toEqual([
      'sma_20',
      'macd_12_26_9',
      'macd_signal_12_26_9',
      'macd_histogram_12_26_9',
      'bollinger_upper_20_2.5',
      'bollinger_middle_20_2.5',
      'bollinger_lower_20_2.5',
      'obv',
    ])
  })

  it('is by default all that the issue asks for', () => {
    const periods = [5, 10, 20, 50, 100, 200]
    expect(select(DEFAULT_INDICATORS).flatMap(({ outputs }) => outputs)).toEqual([
      ...periods.map((period) => `sma_${period}`),
      ...periods.map((period) => `ema_${period}`),
      'rsi_14',
      'macd_12_26_9',
      'macd_signal_12_26_9',
      'macd_histogram_12_26_9',
      'bollinger_upper_20_2',
      'bollinger_middle_20_2',
      'bollinger_lower_20_2',
      'atr_14',
      'plus_di_14',
      'minus_di_14',
      'adx_14',
      'stochastic_k_14_3_3',
      'stochastic_d_14_3_3',
      'obv',
      'vwap',
    ])
  })

  it('may be empty', () => {
    expect(select(' ')).toEqual([])
  })

  it.each([
    ['smart(20)', /no indicator "smart\(20\)"; there are sma, ema/],
    ['sma(20', /no indicator "sma\(20"/],
    ['sma', /sma has 0 parameters and takes 1: period/],
    ['macd(12,26)', /macd\(12,26\) has 2 parameters and takes 3: fast, slow, signal/],
    ['obv(3)', /obv\(3\) has 1 parameters and takes 0/],
    ['sma(1)', /sma\(1\): period is 1; allowed is a whole number from 2 to 500/],
    ['sma(2.5)', /period is 2.5; allowed is a whole number/],
    ['bollinger(20,x)', /deviations is x; allowed is a number from 0.1 to 10/],
    ['sma(20) ema(20) sma(20)', /sma\(20\) is there twice/],
  ])('%s is refused with what is allowed', (text, says) => {
    expect(() => select(text)).toThrow(SelectionError)
    expect(() => select(text)).toThrow(says)
  })
})
