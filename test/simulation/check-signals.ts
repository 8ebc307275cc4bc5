import { toSeriesBar } from '../../functions/analytics/revised-bar.ts'
import { startSymbol } from '../../functions/analytics/state-codec.ts'
import { nameValues } from '../../functions/domain/analysis.ts'
import { BarFold } from '../../functions/domain/signals.ts'
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
  const expected = new Map(
    fold
      .take(revised)
      .signals.map(({ start, values, patterns }) => [
        start,
        JSON.stringify([
          nameValues(analysis, values),
          patterns.map(({ pattern }) => pattern.name).toSorted(),
        ]),
      ]),
  )
  const values = database.values.get(symbol)
  const patterns = database.patterns.get(symbol)
  for (const start of new Set([...expected.keys(), ...(values?.keys() ?? []), ...(patterns?.keys() ?? [])])) {
    const standing = [...(patterns?.get(start) ?? [])].flatMap(([name, found]) =>
      found.isWithdrawn ? [] : [name],
    )
    const stored = JSON.stringify([values?.get(start)?.values ?? {}, standing.toSorted()])
    if (stored !== (expected.get(start) ?? '[{},[]]'))
      trace.violate(
        `${when}, signals of ${symbol} ${new Date(start * 1000).toISOString()} are ${stored}, not ${expected.get(start)}`,
      )
  }
}
