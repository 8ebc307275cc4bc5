import type { MappingLag } from 'embedded-aws'

import { count, type Screen } from '../terminal/screen.ts'
import { describeWaiting } from './settle.ts'

/** A record that waits longer than this is reported, as the alarms `<part>-late` do on AWS. */
const LATE_MS = 60_000

/** Functions behind their streams, by how far; the furthest first. */
export function lateIn(lag: readonly MappingLag[]): readonly MappingLag[] {
  return lag
    .filter(({ records, oldestMs }) => records > 0 && oldestMs > LATE_MS)
    .toSorted((a, b) => b.oldestMs - a.oldestMs)
}

/**
 * Prints a line when a function has fallen behind its stream, and one when it has caught up.
 *
 * @param log where the errors of the functions are
 */
export function reportHeadway(
  screen: Pick<Screen, 'print'>,
  log: string,
): (late: readonly MappingLag[]) => void {
  let reported = new Map<string, MappingLag>()
  return (late) => {
    const now = new Map(late.map((each) => [each.mapping, each]))
    for (const [mapping, each] of now)
      if (!reported.has(mapping))
        screen.print(
          `${describeWaiting([each])}, the oldest for ${ageOf(each)}: a shard makes no headway, or too little; errors are in ${log}`,
        )
    for (const [mapping, { functionName, streamName }] of reported)
      if (!now.has(mapping)) screen.print(`${functionName} is no longer behind on ${streamName}`)
    reported = now
  }
}

/** For the status line: of the function that is furthest behind, in full and short. */
export function latestText([furthest]: readonly MappingLag[]): readonly [string, string] | undefined {
  if (furthest === undefined) return undefined
  const { functionName, streamName, records } = furthest
  const behind = `${functionName} IS ${ageOf(furthest)} BEHIND`
  return [`${behind} on ${streamName} (${count(records)} records)`, behind]
}

function ageOf({ oldestMs }: MappingLag): string {
  return oldestMs < 120_000
    ? `${Math.floor(oldestMs / 1000)} s`
    : `${count(Math.floor(oldestMs / 60_000))} min`
}
