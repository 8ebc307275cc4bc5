import { toSeriesBar } from '../../functions/shared/analysis/series-bar.ts'
import { startSymbol } from '../../functions/analytics/state-codec.ts'
import { nameValues } from '../../functions/domain/analysis.ts'
import { BarFold } from '../../functions/domain/signals.ts'
import { areSameValues } from '../../functions/rebuilder/compare-signals.ts'
import type { Services } from './services.ts'

/** Indicators and patterns are those of a run over the bars as they are. */
export function checkSignals(
  services: Services,
  symbol: string,
  when: 'before a rebuild' | 'after a rebuild',
): void {
  const { analysis, database, plan, trace, minutes } = services
  if (when === 'before a rebuild' && minutes.rebuilt.size > 0) return
  const bars = [...(database.bars.get(symbol)?.values() ?? [])]
    .filter(({ withdrawn }) => !withdrawn)
    .toSorted((one, other) => one.start - other.start)
  const fold = new BarFold(analysis, startSymbol(analysis), { latenessSeconds: plan.rules.latenessSeconds })
  const revised = bars.map((bar) => ({ bar: toSeriesBar(bar), revision: 1, withdrawn: false, closedAt: 0 }))
  const expected = new Map(fold.take(revised).signals.map((each) => [each.start, each]))
  const stored = { values: database.values.get(symbol), patterns: database.patterns.get(symbol) }
  const starts = new Set([
    ...expected.keys(),
    ...(stored.values?.keys() ?? []),
    ...(stored.patterns?.keys() ?? []),
  ])
  for (const start of starts) {
    const signals = expected.get(start)
    const right = Float64Array.from(signals?.values ?? analysis.outputs.map(() => Number.NaN))
    const rightPatterns = signals?.patterns.map(({ pattern }) => pattern.name) ?? []
    const values = stored.values?.get(start)?.values ?? {}
    const patterns = [...(stored.patterns?.get(start) ?? [])].flatMap(([name, { isWithdrawn }]) =>
      isWithdrawn ? [] : [name],
    )
    const own = told(values, patterns)
    const asRun = told(nameValues(analysis, right), rightPatterns)
    // A running sum keeps the rounding of bars that were corrected since: docs/history.md promises nine digits.
    const areRight =
      when === 'after a rebuild' && areSameValues(analysis, right, values)
        ? told({}, patterns) === told({}, rightPatterns)
        : own === asRun
    if (!areRight)
      trace.violate(
        `${when}, signals of ${symbol} ${new Date(start * 1000).toISOString()} are ${own}, not ${asRun}`,
      )
  }
}

function told(values: Readonly<Record<string, number | null>>, patterns: readonly string[]): string {
  return JSON.stringify([values, patterns.toSorted()])
}
