import type { Analysis } from '../../domain/analysis.ts'
import { selectionOf } from '../../domain/indicators/outputs.ts'
import { SelectionError } from '../../domain/selection.ts'
import { type AnalysisFields, readAnalysis } from '../../shared/runtime/analysis-fields.ts'
import { BadRequestError } from '../http/problem.ts'

/**
 * The analysis that gives the named values, whether the config has them or not; without names, those of the config but for
 * what never forgets, which would need all bars of a symbol.
 *
 * @throws BadRequestError naming a value that no indicator has
 */
export function analysisOf(config: AnalysisFields, names: readonly string[] | undefined): Analysis {
  const { vwapAnchor } = config
  const read = (indicators: string): Analysis => readAnalysis({ indicators, patterns: '', vwapAnchor })
  if (names === undefined) {
    const forgetting = read(config.indicators).indicators.filter(({ indicator }) =>
      Number.isFinite(indicator.fadesAfter),
    )
    return read(forgetting.map(({ name }) => name).join(' '))
  }
  const selected = names.map((name) => selectionOf(name) ?? refuse(name, 'a name such as sma_20, rsi_14'))
  for (const [index, selection] of selected.entries()) check(names[index] ?? '', () => read(selection))
  return read(joined(selected))
}

/** The analysis that gives the named values of the config, and finds those of the named patterns that the config looks for. */
export function screenAnalysisOf(
  config: AnalysisFields,
  { names, patterns }: { readonly names: readonly string[]; readonly patterns: readonly string[] },
): Analysis {
  const indicators = joined(names.flatMap((name) => selectionOf(name) ?? []))
  return readAnalysis({ ...config, indicators, patterns: lookedFor(config, patterns) })
}

function joined(selected: readonly string[]): string {
  return [...new Set(selected)].join(' ')
}

/** The analysis of the patterns of the config, or of those named. */
export function patternAnalysisOf(config: AnalysisFields, types: readonly string[] | undefined): Analysis {
  return readAnalysis({ ...config, indicators: '', patterns: lookedFor(config, types) })
}

/** What the config does not look for is not found, as in the patterns that are stored. */
function lookedFor(config: AnalysisFields, types: readonly string[] | undefined): string {
  const { patterns } = readAnalysis({ ...config, indicators: '' })
  return patterns
    .map(({ name }) => name)
    .filter((name) => types?.includes(name) ?? true)
    .join(' ')
}

function check(name: string, read: () => unknown): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof SelectionError)) throw error
    refuse(name, `no such name (${error.message})`)
  }
}

function refuse(name: string, allowed: string): never {
  throw new BadRequestError([
    { parameter: 'names', value: name, allowed: `${allowed}; docs/indicators.md lists what there is` },
  ])
}
