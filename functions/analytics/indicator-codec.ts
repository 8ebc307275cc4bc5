import type { IndicatorState } from '../domain/indicators/indicator.ts'
import type { NumberReader, NumberWriter } from './number-bytes.ts'

/** Writes how many numbers an indicator's state has, and these. */
export function writeFields(writer: NumberWriter, state: IndicatorState): void {
  writer.number(countFields(state))
  writeNumbers(writer, state)
}

/** Fills a state that has just begun. What was written of another shape, or of none that runs, is passed over. */
export function readFields(reader: NumberReader, state: IndicatorState | undefined): void {
  const count = reader.number()
  if (state !== undefined && countFields(state) === count) readNumbers(reader, state)
  else for (let left = count; left > 0; left--) reader.number()
}

function countFields(state: IndicatorState): number {
  let count = 0
  for (const field in state) {
    const value = state[field]
    if (typeof value === 'number') count++
    else if (Array.isArray(value)) count += value.length
    else if (value !== undefined) count += countFields(value)
  }
  return count
}

function writeNumbers(writer: NumberWriter, state: IndicatorState): void {
  for (const field in state) {
    const value = state[field]
    if (typeof value === 'number') writer.number(value)
    else if (Array.isArray(value)) for (const number of value) writer.number(number)
    else if (value !== undefined) writeNumbers(writer, value)
  }
}

function readNumbers(reader: NumberReader, state: IndicatorState): void {
  for (const field in state) {
    const value = state[field]
    if (typeof value === 'number') state[field] = reader.number()
    else if (Array.isArray(value))
      for (let index = 0; index < value.length; index++) value[index] = reader.number()
    else if (value !== undefined) readNumbers(reader, value)
  }
}
