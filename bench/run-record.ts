import { cpus } from 'node:os'

import * as z from 'zod'

import { type Aim, type Figure, isMoreBetter, judge, type Unit } from './measure.ts'

const schema = z.object({
  /** When it was measured, ISO. */
  at: z.string(),
  processor: z.string(),
  cores: z.int(),
  node: z.string(),
  figures: z.array(
    z.object({
      section: z.string(),
      name: z.string(),
      unit: z.string(),
      /** The median of `values`. */
      value: z.number(),
      /** Of each run. */
      values: z.array(z.number()),
      better: z.enum(['more', 'less']),
      aim: z.string().optional(),
      verdict: z.enum(['holds', 'barely', 'missed']).optional(),
    }),
  ),
})

/** What `npm run bench -- --json` prints. */
export type RunRecord = z.infer<typeof schema>
export type RecordedFigure = RunRecord['figures'][number]

/** @throws Error when the text is none that `--json` printed */
export function parseRunRecord(text: string): RunRecord {
  return schema.parse(JSON.parse(text))
}

/** One section, measured several times, in the order of its figures. */
export function recordedFigures(section: string, runs: readonly (readonly Figure[])[]): RecordedFigure[] {
  const last = runs.at(-1) ?? []
  return last.map(({ name, unit, aim }) => {
    const values = runs.flatMap((run) =>
      run.filter((figure) => figure.name === name).map(({ value }) => value),
    )
    return { section, name, values, ...shown(unit, median(values), aim) }
  })
}

function shown(
  unit: Unit,
  value: number,
  aim: Aim | undefined,
): Omit<RecordedFigure, 'section' | 'name' | 'values'> {
  const better = isMoreBetter(unit) ? 'more' : 'less'
  if (aim === undefined) return { unit, value, better }
  const verdict = judge({ value, aim })
  return { unit, value, better, aim, ...(verdict && { verdict }) }
}

export function runRecord(figures: readonly RecordedFigure[], at = new Date()): RunRecord {
  const [first] = cpus()
  return {
    at: at.toISOString(),
    processor: first?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    figures: [...figures],
  }
}

/** The middle one; the mean of the middle two. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}
