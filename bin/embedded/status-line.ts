import type { MappingLag } from 'embedded-aws'

import type { Figures } from './figures.ts'
import { latestText } from './headway.ts'
import { count } from '../terminal/screen.ts'

type Field = {
  /** In full words, and shortened. */
  readonly texts: readonly [long: string, short: string]
  /** The least important is left out first. */
  readonly importance: number
}

/** What is left out before any word is shortened. */
const EXTRA = 3

/**
 * The figures on one line of at most `width` characters: the least important ones are left out first, then words are
 * shortened, then more is left out in order of importance. From 80 columns on, rejected, late and duplicate ticks are
 * always there.
 *
 * @param late functions that are behind their streams: the furthest comes first and is always there. @default none
 */
export function statusLine(figures: Figures, width: number, late: readonly MappingLag[] = []): string {
  const warning = latestText(late)
  const all = [...(warning === undefined ? [] : [{ importance: 12, texts: warning }]), ...fieldsOf(figures)]
  const most = Math.max(...all.map(({ importance }) => importance))
  const attempts = [
    ...range(0, EXTRA).map((left) => ({ left, form: 0 }) as const),
    ...range(EXTRA, most - 1).map((left) => ({ left, form: 1 }) as const),
  ]
  const lines = attempts.map(({ left, form }) =>
    all
      .filter(({ importance }) => importance > left)
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
    { importance: 8, texts: same(`${count(figures.ticksPerSecond)} ticks/s`) },
    { importance: 4, texts: same(`${count(figures.symbols)} symbols`) },
    { importance: 9, texts: same(`${count(figures.bars)} bars`) },
    { importance: 5, texts: same(`${count(figures.revised)} revised`) },
    { importance: 6, texts: [`bar latency p50/p99 ${latency}`, `latency ${latency}`] },
    { importance: 10, texts: same(`${count(figures.late)} late`) },
    { importance: 7, texts: [`${duplicates} duplicate`, `${duplicates} dup`] },
    { importance: 11, texts: same(`${count(figures.rejected)} rejected`) },
    { importance: 3, texts: same(`${count(figures.indicators)} indicators`) },
    { importance: 2, texts: same(patterns) },
    ...(lastPattern === undefined ? [] : [{ importance: 1, texts: same(`(last ${lastPattern})`) }]),
  ]
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
