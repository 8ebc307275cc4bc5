/**
 * What came of one check. `none-yet`: there is nothing that could be checked, because a part is not there or has not
 * written yet. `not-checked`: it could not be checked from here. Neither counts as passed, and neither as failed.
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
