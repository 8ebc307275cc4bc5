import { createStateCodec } from '../analytics/state-codec.ts'
import type { Analysis, AnalysisState } from '../domain/analysis.ts'
import type { SignalPlace } from './signal-place.ts'

type Reached = Pick<SignalPlace, 'symbol' | 'next' | 'last'>

export function placeOf(analysis: Analysis, reached: Reached, state: AnalysisState): SignalPlace {
  const { state: encoded } = createStateCodec(analysis).encode({
    finalized: state,
    newest: state,
    recent: [],
    base: 0,
  })
  return {
    ...reached,
    indicators: namesOf(analysis),
    state: Buffer.from(encoded?.B ?? []).toString('base64'),
  }
}

/** The state at a place; undefined where other indicators have been chosen since then. */
export function stateAt(analysis: Analysis, { indicators, state }: SignalPlace): AnalysisState | undefined {
  if (indicators !== namesOf(analysis)) return undefined
  return createStateCodec(analysis).decode({ state: { B: Buffer.from(state, 'base64') } }).finalized
}

function namesOf({ indicators }: Analysis): string {
  return indicators.map(({ name }) => name).join(' ')
}
