import type { Figures } from '../embedded/figures.ts'
import { count } from './screen.ts'

type Field = {
  /** In full words, and in few. */
  readonly texts: readonly [long: string, short: string]
  /** What is worth less is left out first. */
  readonly worth: number
}

/** What is left out before any word is shortened. */
const EXTRA = 3

/**
 * The figures on one line of so many characters: the less important ones are left out first, then words are shortened,
 * then the rest is left out in order of importance; what was rejected stays to the end.
 */
export function statusLine(figures: Figures, width: number): string {
  const all = fieldsOf(figures)
  const most = Math.max(...all.map(({ worth }) => worth))
  const attempts = [
    ...range(0, EXTRA).map((left) => ({ left, form: 0 }) as const),
    ...range(EXTRA, most - 1).map((left) => ({ left, form: 1 }) as const),
  ]
  const lines = attempts.map(({ left, form }) =>
    all
      .filter(({ worth }) => worth > left)
      .map(({ texts }) => texts[form])
      .join('  '),
  )
  return lines.find((line) => line.length <= width) ?? lines.at(-1) ?? ''
}

function fieldsOf(figures: Figures): Field[] {
  const { latencyP50, latencyP99, lastPattern } = figures
  const latency =
    latencyP50 === undefined ? '-' : `${count(latencyP50)}/${count(latencyP99 ?? latencyP50)} ms`
  const [duplicates, patterns] = [count(figures.duplicates), `${count(figures.patterns)} patterns`]
  const same = (text: string) => [text, text] as const
  return [
    { worth: 7, texts: same(`${count(figures.ticksPerSecond)} ticks/s`) },
    { worth: 4, texts: same(`${count(figures.symbols)} symbols`) },
    { worth: 8, texts: same(`${count(figures.bars)} bars`) },
    { worth: 6, texts: [`bar latency p50/p99 ${latency}`, `latency ${latency}`] },
    { worth: 9, texts: same(`${count(figures.late)} late`) },
    { worth: 5, texts: [`${duplicates} duplicate`, `${duplicates} dup`] },
    { worth: 10, texts: same(`${count(figures.rejected)} rejected`) },
    { worth: 3, texts: same(`${count(figures.indicators)} indicators`) },
    { worth: 2, texts: same(patterns) },
    ...(lastPattern === undefined ? [] : [{ worth: 1, texts: same(`(last ${lastPattern})`) }]),
  ]
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
