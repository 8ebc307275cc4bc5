import type { Change, Comparison } from './compare.ts'
import type { RecordedFigure } from './run-record.ts'

const VERDICTS = {
  holds: 'holds',
  barely: 'reached, with less than a fifth to spare',
  missed: 'missed',
} as const

/** A figure as a line of the table. */
export function lineOf({ name, value, unit, aim, verdict }: RecordedFigure): string {
  const end = aim === undefined || verdict === undefined ? '' : `aim ${aim}: ${VERDICTS[verdict]}`
  return `${name.padEnd(52)} ${numberOf(value).padStart(12)} ${unit.padEnd(9)} ${end}`.trimEnd()
}

/** What became slower and faster, as lines. */
export function linesOf({ slower, faster, same, gone, added }: Comparison): string[] {
  return [
    ...slower.map((change) => changeLine('slower', change)),
    ...faster.map((change) => changeLine('faster', change)),
    ...gone.map((name) => `not measured any more  ${name}`),
    ...added.map((name) => `not measured before    ${name}`),
    `${same.length} figures differ by no more than their own runs do`,
  ]
}

function changeLine(word: string, { section, name, unit, before, after, worse, noise }: Change): string {
  const share = `${(Math.abs(worse) * 100).toFixed(0)} %`.padStart(6)
  const values = `${numberOf(before)} -> ${numberOf(after)} ${unit}`
  return `${word} by ${share}  ${`${section}: ${name}`.padEnd(64)} ${values}  (its runs differ by ${(noise * 100).toFixed(0)} %)`
}

function numberOf(value: number): string {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2)
}
