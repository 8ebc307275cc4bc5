import type { Finding } from './finding.ts'
import { reasonOf } from './reason.ts'

/** Checks that are made together. */
export type CheckGroup = {
  readonly name: string
  /** Shown meanwhile. */
  readonly doing: string
  readonly needs: 'database' | 'aws'
  readonly run: () => Promise<readonly Finding[]>
}

/** What was found, and why whole groups could not be checked. */
export type Checked = { readonly findings: readonly Finding[]; readonly hindrances: readonly string[] }

/** Makes one group of checks after the other; one that cannot be made is a finding, and the others are made all the same. */
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
