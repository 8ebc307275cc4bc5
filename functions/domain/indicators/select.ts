import { SelectionError, splitSelection } from '../selection.ts'
import type { Indicator, IndicatorKind, Surroundings } from './indicator.ts'
import { INDICATORS } from './table.ts'

/** An indicator that runs, as `rsi(14)`, and the names of its values, as `rsi_14`. */
export type SelectedIndicator = {
  readonly name: string
  readonly outputs: readonly string[]
  /** The place of its first value among the values of all. */
  readonly at: number
  readonly indicator: Indicator
}

/**
 * Reads which indicators run: `sma(20) macd(12,26,9) obv`.
 *
 * @throws SelectionError naming the indicator, what is wrong with it and what is allowed
 */
export function selectIndicators(text: string, surroundings: Surroundings): SelectedIndicator[] {
  let at = 0
  const selected = splitSelection(text).map((each) => {
    const one = { ...select(each, surroundings), at }
    at += one.outputs.length
    return one
  })
  const twice = selected.find(({ name }, index) => selected.findIndex((each) => each.name === name) < index)
  if (twice !== undefined) throw new SelectionError(`${twice.name} is there twice: leave one out`)
  return selected
}

function select(text: string, surroundings: Surroundings): Omit<SelectedIndicator, 'at'> {
  const [, kindName = '', list] = /^([a-z_]+)(?:\s*\(([^)]*)\))?$/.exec(text) ?? []
  const kind = INDICATORS.get(kindName)
  if (kind === undefined)
    throw new SelectionError(
      `there is no indicator "${text}"; there are ${[...INDICATORS.keys()].join(', ')}`,
    )
  const given = (list ?? '').split(',').filter((each) => each.trim() !== '')
  const parameters = readParameters(text, kind, given)
  const values = Object.values(parameters)
  const suffix = values.map((value) => `_${value}`).join('')
  return {
    name: values.length === 0 ? kindName : `${kindName}(${values.join(',')})`,
    outputs: kind.outputs.map((output) => `${output}${suffix}`),
    indicator: kind.create(parameters, surroundings),
  }
}

function readParameters(text: string, kind: IndicatorKind, given: readonly string[]): Record<string, number> {
  const rules = Object.entries(kind.parameters)
  if (given.length !== rules.length)
    throw new SelectionError(
      `${text} has ${given.length} parameters and takes ${rules.length}${rules.length === 0 ? '' : `: ${rules.map(([name]) => name).join(', ')}`}`,
    )
  return Object.fromEntries(
    rules.map(([name, { min, max, kind: number }], index) => {
      const value = Number(given[index])
      if (!(value >= min && value <= max) || (number === 'whole' && !Number.isInteger(value)))
        throw new SelectionError(
          `${text}: ${name} is ${given[index]?.trim()}; allowed is a ${number === 'whole' ? 'whole number' : 'number'} from ${min} to ${max}`,
        )
      return [name, value]
    }),
  )
}
