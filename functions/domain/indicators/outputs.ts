import { INDICATORS } from './table.ts'

/**
 * The indicator that gives a value of this name, as a selection has it: `macd(12,26,9)` for `macd_signal_12_26_9`.
 * Undefined where no kind of indicator has such values; its parameters may be refused yet.
 */
export function selectionOf(output: string): string | undefined {
  for (const [kind, { outputs, parameters }] of INDICATORS) {
    const count = Object.keys(parameters).length
    for (const name of outputs) {
      if (!output.startsWith(name)) continue
      const given = output.slice(name.length).split('_').slice(1)
      const isOne = given.length === count && [name, ...given].join('_') === output
      if (isOne && given.every((each) => PARAMETER.test(each)))
        return count === 0 ? kind : `${kind}(${given.join(',')})`
    }
  }
  return undefined
}

/** As a number is written in the name of a value. */
const PARAMETER = /^(0|[1-9]\d{0,2})(\.\d{0,5}[1-9])?$/
