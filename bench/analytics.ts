import { ADX, ATR, BollingerBands, EMA, MACD, OBV, RSI, SMA, StochasticOscillator } from 'trading-signals'

import { createStateCodec, startSymbol } from '../functions/analytics/state-codec.ts'
import {
  type Analysis,
  copyState,
  findPatterns,
  type FoundPattern,
  startAnalysis,
  takeBar,
  takeBars,
} from '../functions/domain/analysis.ts'
import { DEFAULT_INDICATORS } from '../functions/domain/indicators/table.ts'
import { DEFAULT_PATTERNS } from '../functions/domain/patterns/table.ts'
import type { SeriesBar } from '../functions/domain/series.ts'
import { BarFold } from '../functions/domain/signals.ts'
import { readAnalysis } from '../functions/shared/runtime/analysis-fields.ts'
import type { Item } from '../functions/shared/dynamodb/state-store.ts'
import { readGolden } from '../test/support/golden.ts'
import { walk } from '../test/support/price-walk.ts'
import { batchSpeed } from './talib-batch.ts'
import { fastest, type Figure } from './measure.ts'

const ROUNDS = 30
const NINE = 'sma(20) ema(14) rsi(14) macd(12,26,9) bollinger(20,2) atr(14) adx(14) stochastic(14,3,3) obv'
const ATTRIBUTES = ['symbol', 'version', 'state'].join('')

/** Indicators and patterns of 20,000 bars: against trading-signals, against TA-Lib's C batch, and with the state's codec. */
export async function benchAnalytics(): Promise<Figure[]> {
  const bars = readGolden().map(({ bar }) => bar)
  const nine = analysisOf(NINE, '')
  const contenders = { nine: analyser(nine, bars), peer: () => tradingSignals(bars) }
  const alike = await fastest(contenders, ROUNDS)
  // Made after those are measured: the compiler then knew each indicator once, as it knows those of the peer.
  const all = analysisOf(DEFAULT_INDICATORS, DEFAULT_PATTERNS)
  const best = {
    ...alike,
    ...(await fastest({ all: analyser(all, bars), single: () => barByBar(all, bars) }, ROUNDS)),
  }
  const perSecond = (name: string): number => (bars.length / (best[name] ?? Infinity)) * 1000
  const [itemToItem, copied] = await microsecondsPerBar(all, bars)
  const ofDecimals = walk({ from: 100_000, tick: 1e-8, move: 50 }, 5000)
  const talib = await batchSpeed()
  return [
    { name: 'nine indicators, whole columns', value: perSecond('nine'), unit: 'bars/s' },
    { name: 'the same nine, trading-signals', value: perSecond('peer'), unit: 'bars/s' },
    { name: 'nine / trading-signals', value: perSecond('nine') / perSecond('peer'), unit: 'x', aim: '>= 12' },
    { name: 'all indicators and patterns, whole columns', value: perSecond('all'), unit: 'bars/s' },
    { name: 'the same, bar by bar', value: perSecond('single'), unit: 'bars/s' },
    ...(talib === undefined
      ? []
      : ([
          { name: 'the same, TA-Lib, C, whole columns', value: talib, unit: 'bars/s' },
          { name: 'all / TA-Lib', value: perSecond('all') / talib, unit: 'x', aim: '>= 0.35' },
        ] satisfies Figure[])),
    { name: 'a bar, from item to item', value: itemToItem, unit: 'us', aim: '<= 10' },
    { name: 'the same, the state copied and not packed', value: copied, unit: 'us' },
    { name: 'largest item, whole prices', value: throughItems(all, bars), unit: 'bytes', aim: '< 4096' },
    {
      name: 'largest item, eight decimals',
      value: throughItems(all, ofDecimals),
      unit: 'bytes',
      aim: '< 4096',
    },
  ]
}

function analysisOf(indicators: string, patterns: string): Analysis {
  return readAnalysis({ indicators, patterns, vwapAnchor: 'America/New_York 00:00' })
}

/** Whole columns, as the peer has them: values into columns that are there, patterns into a new list. */
function analyser(analysis: Analysis, bars: readonly SeriesBar[]): () => number {
  const values = new Float64Array(analysis.outputs.length * bars.length)
  return () => {
    const patterns: (readonly FoundPattern[])[] | undefined = analysis.patterns.length > 0 ? [] : undefined
    takeBars(analysis, startAnalysis(analysis), { bars, values, patterns })
    return patterns?.length ?? 0
  }
}

function barByBar(analysis: Analysis, bars: readonly SeriesBar[]): number {
  const state = startAnalysis(analysis)
  const values = new Float64Array(analysis.outputs.length)
  let found = 0
  for (const bar of bars) {
    takeBar(analysis, state, { bar, values })
    found += findPatterns(analysis, state).length
  }
  return found
}

function tradingSignals(bars: readonly SeriesBar[]): void {
  const ofCloses = [
    new SMA(20),
    new EMA(14),
    new RSI(14),
    new MACD(new EMA(12), new EMA(26), new EMA(9)),
    new BollingerBands(20, 2),
  ]
  const ofBars = [
    new ATR(14),
    new ADX(14),
    new StochasticOscillator({ kPeriod: 14, kSlowingPeriod: 3, dPeriod: 3 }),
  ]
  const volume = new OBV(2)
  for (const bar of bars) {
    for (const indicator of ofCloses) indicator.add(bar.close)
    for (const indicator of ofBars) indicator.add(bar)
    volume.add(bar)
  }
}

/**
 * Each bar with the state decoded from and encoded to what DynamoDB holds, and with a copy of the state, which is the least
 * that a fold of a state from elsewhere takes: the mean of all bars in the best round.
 */
async function microsecondsPerBar(analysis: Analysis, bars: readonly SeriesBar[]): Promise<[number, number]> {
  const { pass = Number.NaN, copies = Number.NaN } = await fastest(
    { pass: () => throughItems(analysis, bars), copies: () => throughCopies(analysis, bars) },
    ROUNDS,
  )
  return [(pass / bars.length) * 1000, (copies / bars.length) * 1000]
}

function throughCopies(analysis: Analysis, bars: readonly SeriesBar[]): number {
  let state = startSymbol(analysis)
  for (const bar of bars) {
    const { finalized, newest, recent, base } = state
    state = { finalized: copyState(finalized), newest: copyState(newest), recent, base }
    new BarFold(analysis, state, { latenessSeconds: 120 }).take([
      { bar, revision: 1, withdrawn: false, closedAt: 0 },
    ])
  }
  return state.newest.series.count
}

/** Bytes of the largest item. */
function throughItems(analysis: Analysis, bars: readonly SeriesBar[]): number {
  const codec = createStateCodec(analysis)
  let item = codec.encode(startSymbol(analysis))
  let bytes = 0
  for (const bar of bars) {
    const state = codec.decode(item)
    new BarFold(analysis, state, { latenessSeconds: 120 }).take([
      { bar, revision: 1, withdrawn: false, closedAt: 0 },
    ])
    item = codec.encode(state)
    bytes = Math.max(bytes, sizeOf(item))
  }
  return bytes
}

/** As DynamoDB counts: names and values of the attributes; a number takes a byte for two digits, and one more. */
function sizeOf(item: Item): number {
  const symbol = 'BRK.B'
  const version = 1 + Math.ceil(String(1_000_000).length / 2)
  return ATTRIBUTES.length + symbol.length + version + (item['state']?.B?.length ?? 0)
}
