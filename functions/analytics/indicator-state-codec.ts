import type { IndicatorState } from '../domain/indicators/indicator.ts'
import type { NumberReader, NumberWriter } from './number-bytes.ts'

/** Writes how many numbers an indicator keeps, and these. */
export function writeIndicatorState(writer: NumberWriter, state: IndicatorState): void {
  writer.number(state.length)
  for (let place = 0; place < state.length; place++) writer.number(state[place] ?? 0)
}

/** Fills an initial state. A written state of another length, or of an indicator that no longer runs, is skipped. */
export function readIndicatorState(reader: NumberReader, state: IndicatorState | undefined): void {
  const count = reader.number()
  const isSame = state?.length === count
  for (let place = 0; place < count; place++) {
    const number = reader.number()
    if (isSame) state[place] = number
  }
}
