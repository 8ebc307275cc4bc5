import type { Finding } from './finding.ts'
import { reasonOf } from './reason.ts'

/** Checks that run together. */
export type CheckGroup = {
  readonly name: string
  /** Status while they run. */
  readonly doing: string
  readonly needs: 'database' | 'aws'
  readonly run: () => Promise<readonly Finding[]>
}

/** The findings, and why whole groups could not run. */
export type Checked = { readonly findings: readonly Finding[]; readonly hindrances: readonly string[] }

/** Runs one group of checks after the other; a group that cannot run is a finding, and the others still run. */
export async function makeChecks(
  groups: readonly CheckGroup[],
  {
    unreachable,
    onGroup,
  }: { readonly unreachable: string | undefined; readonly onGroup: (doing: string) => void },
): Promise<Checked> {
  const findings: Finding[] = []
  const hindrances = new Set<string>()
  for (const { name, doing, needs, run } of groups) {
    onGroup(doing)
    const outcome = needs === 'aws' && unreachable !== undefined ? unreachable : await run().catch(reasonOf)
    if (typeof outcome !== 'string') {
      findings.push(...outcome)
      continue
    }
    const found = hindrances.has(outcome) ? 'the same' : outcome
    hindrances.add(outcome)
    findings.push({ check: name, expected: 'to be checked', found, verdict: 'not-checked' })
  }
  return { findings, hindrances: [...hindrances] }
}
