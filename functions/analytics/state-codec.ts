import { type Analysis, type AnalysisState, copyState, startAnalysis, takeBar } from '../domain/analysis.ts'
import type { RecentBar, SymbolAnalysis } from '../domain/signals.ts'
import type { StateCodec } from '../shared/dynamodb/state-store.ts'
import { readIndicatorState, writeIndicatorState } from './indicator-state-codec.ts'
import { NumberReader, NumberWriter } from './number-bytes.ts'
import { readRecent, writeRecent } from './recent-bar-codec.ts'
import { readSeries, writeSeries } from './series-codec.ts'

/** The version of the layout, its first number. */
const LAYOUT = 1

/**
 * Encodes the state of a symbol as bytes, since an item of up to 1 KB is one write unit.
 *
 * It holds `finalized` and the recent bars; `newest` is computed from them. Prices are counted in the largest
 * power of ten that all of them are multiples of, each as the difference to the one before. `docs/state.md` has the
 * layout.
 */
export function createStateCodec(analysis: Analysis): StateCodec<SymbolAnalysis> {
  const writer = new NumberWriter()
  const names = Buffer.from(analysis.indicators.map(({ name }) => name).join(' '))
  return {
    attributes: ['state', 'base'],
    encode({ finalized, recent, base }) {
      writer.number(LAYOUT)
      writeSeries(writer, finalized.series, analysis.depth)
      writer.textBytes(names)
      for (const state of finalized.indicators) writeIndicatorState(writer, state)
      writer.number(recent.length)
      for (const bar of recent) writeRecent(writer, bar)
      // An attribute of its own, which a release that does not know it leaves alone.
      return { state: { B: writer.end() }, ...(base > 0 && { base: { N: String(base) } }) }
    },
    decode(item) {
      const bytes = item['state']?.B
      if (bytes === undefined) throw new Error('it has no attribute "state" of bytes')
      const reader = new NumberReader(bytes)
      const layout = reader.number()
      if (layout !== LAYOUT) throw new Error(`its layout is ${layout}; this version reads ${LAYOUT}`)
      const finalized = startAnalysis(analysis)
      readSeries(reader, finalized.series)
      if (reader.passText(names)) for (const own of finalized.indicators) readIndicatorState(reader, own)
      else
        for (const index of placesOf(analysis, reader.text().split(' ')))
          readIndicatorState(reader, finalized.indicators[index])
      const recent: RecentBar[] = []
      for (let left = reader.number(); left > 0; left--) recent.push(readRecent(reader))
      if (!reader.isAtEnd()) throw new Error('bytes are left over at its end')
      const base = Number(item['base']?.N ?? 0)
      return { finalized, newest: newestOf(analysis, finalized, recent), recent, base }
    },
  }
}

/** The places of the indicators with these names; -1 for those that no longer run. */
function placesOf({ indicators }: Analysis, names: readonly string[]): number[] {
  return names.map((name) => indicators.findIndex((each) => each.name === name))
}

function newestOf(analysis: Analysis, finalized: AnalysisState, recent: readonly RecentBar[]): AnalysisState {
  const newest = copyState(finalized)
  const { values } = analysis.workspace
  for (let index = 0; index < recent.length; index++) {
    const entry = recent[index]
    if (entry !== undefined && !entry.withdrawn) takeBar(analysis, newest, { bar: entry.bar, values })
  }
  return newest
}

/** The state before a symbol's first bar. */
export function startSymbol(analysis: Analysis): SymbolAnalysis {
  return { finalized: startAnalysis(analysis), newest: startAnalysis(analysis), recent: [], base: 0 }
}
