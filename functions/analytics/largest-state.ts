import type { Analysis } from '../domain/analysis.ts'
import { ONE } from '../domain/series.ts'
import { MINUTE_SECONDS } from '../domain/bar-builder.ts'
import type { SymbolAnalysis } from '../domain/signals.ts'
import { createStateCodec, startSymbol } from './state-codec.ts'

/** Not a whole number, so that it takes the maximum of bytes. */
const LONG = 0.1
/** Takes nine bytes for its whole part, and five for the rest. */
const LONG_VOLUME = (2 ** 52 + 2 ** 20) * ONE + 2 ** 26
/** More bars of a symbol, and more revisions of a minute, than there will be. */
const MANY = 2 ** 29

/** Bytes of the item beside the state: the names of its three attributes, a symbol of 64 letters and a version. */
const BESIDE_STATE = 100

/**
 * Bytes that the item of a symbol takes at the most, whatever its prices are: of a state in which every number is as
 * long as it can be and every pattern is found in every minute that may still be revised.
 */
export function largestItem(analysis: Analysis, latenessSeconds: number): number {
  const state = startSymbol(analysis)
  const { series, indicators } = state.finalized
  series.count = MANY
  for (const ring of [series.closes, series.opens, series.highs, series.lows]) ring.fill(LONG)
  for (const [place] of series.starts.entries())
    series.starts[place] = place % 2 === 0 ? 0 : MANY * MINUTE_SECONDS
  for (const own of indicators) own.fill(LONG)
  for (let minutes = 0; minutes * MINUTE_SECONDS < latenessSeconds + MINUTE_SECONDS; minutes++)
    state.recent.push(longestRecent(analysis))
  return (createStateCodec(analysis).encode(state)['state']?.B?.length ?? 0) + BESIDE_STATE
}

function longestRecent({ patterns }: Analysis): SymbolAnalysis['recent'][number] {
  const prices = { open: LONG, high: LONG, low: LONG, close: LONG, vwap: LONG }
  return {
    bar: { start: MANY * MINUTE_SECONDS, ...prices, volume: LONG_VOLUME },
    barRevision: MANY,
    revision: MANY,
    withdrawn: true,
    found: patterns.map(({ name }) => name),
  }
}
