import type { Bar } from './bar.ts'

/** A revision of a minute with the time at which it was written, ISO 8601 to the millisecond. */
export type Revision = Bar & { readonly writtenAt: string; readonly closedAt: string }

/** A corrected minute: what it said, what it says since, and when that was written. */
export type Correction = { readonly time: number; readonly before: Revision; readonly after: Revision }

/** Each step from one revision of a minute to its next, oldest minute first. */
export function correctionsOf(revisions: readonly Revision[]): Correction[] {
  const ordered = revisions.toSorted((a, b) => a.time - b.time || a.revision - b.revision)
  return ordered.flatMap((after, index) => {
    const before = ordered[index - 1]
    const isNext = before?.time === after.time && before.revision < after.revision
    return isNext ? [{ time: after.time, before, after }] : []
  })
}

const FIELDS = [
  ['open', 'O'],
  ['high', 'H'],
  ['low', 'L'],
  ['close', 'C'],
  ['volume', 'V'],
  ['trades', 'n'],
] as const

/** What a correction changed: the name of each value, before and after. */
export function changesOf({ before, after }: Correction): {
  readonly name: string
  readonly before: string
  readonly after: string
}[] {
  const values = FIELDS.filter(([field]) => before[field] !== after[field]).map(([field, name]) => ({
    name,
    before: String(before[field]),
    after: String(after[field]),
  }))
  if (before.withdrawn !== after.withdrawn)
    return [{ name: 'bar', before: standing(before), after: standing(after) }, ...values]
  if (before.complete === after.complete) return values
  return [
    ...values,
    { name: 'complete', before: completeText(before.complete), after: completeText(after.complete) },
  ]
}

function standing({ withdrawn = false }: Bar): string {
  return withdrawn ? 'withdrawn' : 'there'
}

function completeText(complete: boolean | null): string {
  return complete === null ? 'not known' : complete ? 'yes' : 'no'
}
