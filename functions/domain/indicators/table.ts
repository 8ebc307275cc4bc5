import { adx } from './adx.ts'
import { atr } from './atr.ts'
import { bollinger } from './bollinger.ts'
import { ema } from './ema.ts'
import type { IndicatorKind } from './indicator.ts'
import { macd } from './macd.ts'
import { obv } from './obv.ts'
import { rsi } from './rsi.ts'
import { sma } from './sma.ts'
import { stochastic } from './stochastic.ts'
import { vwap } from './vwap.ts'

/** Every kind of indicator there is, by the name that the config gives it. */
export const INDICATORS: ReadonlyMap<string, IndicatorKind> = new Map<string, IndicatorKind>([
  ['sma', sma],
  ['ema', ema],
  ['rsi', rsi],
  ['macd', macd],
  ['bollinger', bollinger],
  ['atr', atr],
  ['adx', adx],
  ['stochastic', stochastic],
  ['obv', obv],
  ['vwap', vwap],
])

/** The indicators that run by default. */
export const DEFAULT_INDICATORS =
  'sma(5) sma(10) sma(20) sma(50) sma(100) sma(200) ema(5) ema(10) ema(20) ema(50) ema(100) ema(200) ' +
  'rsi(14) macd(12,26,9) bollinger(20,2) atr(14) adx(14) stochastic(14,3,3) obv vwap'
