import { SelectionError, splitSelection } from '../selection.ts'
import type { Pattern } from './pattern.ts'
import { PATTERNS } from './table.ts'

/**
 * Reads which patterns run: `doji hammer engulfing`.
 *
 * @throws SelectionError naming the unknown pattern
 */
export function selectPatterns(text: string): Pattern[] {
  const names = new Set(splitSelection(text))
  return [...names].map((name) => {
    const pattern = PATTERNS.find((each) => each.name === name)
    if (pattern !== undefined) return pattern
    const known = PATTERNS.map((each) => each.name).join(', ')
    throw new SelectionError(`there is no pattern "${name}"; there are ${known}`)
  })
}
