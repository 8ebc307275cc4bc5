import { count } from './screen.ts'

/** A number of things, right-aligned, and what they are. */
export function countLine(number: number, what: string): string {
  return `${count(number).padStart(9)}  ${what}`
}

/** A line for each number that is not 0, and for the first and the last one anyway. */
export function countLines(lines: readonly (readonly [number, string])[]): readonly string[] {
  return lines
    .filter(([number], index) => number > 0 || index === 0 || index === lines.length - 1)
    .map(([number, what]) => countLine(number, what))
}
