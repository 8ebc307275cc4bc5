/**
 * The outcome of one check. `none-yet`: there is nothing to check yet. `not-checked`: it could not be checked from here.
 * Neither counts as passed, nor as failed.
 */
export type Finding = {
  readonly check: string
  readonly expected: string
  readonly found: string
  readonly verdict: 'passed' | 'failed' | 'none-yet' | 'not-checked'
}

/** A check that holds or does not. */
export function finding(
  check: string,
  expected: string,
  { found, holds }: { found: string; holds: boolean },
): Finding {
  return { check, expected, found, verdict: holds ? 'passed' : 'failed' }
}
