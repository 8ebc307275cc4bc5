import type { RuntimeOptions } from 'embedded-aws'

import { UsageError } from '../terminal/errors.ts'

const VARIABLE = 'TICKSTOCK_IAM'
/** The environment of a command that enforces them. */
export const ENFORCED = { [VARIABLE]: 'enforced' }

/**
 * Whether the policies of functions are enforced, as the environment has it for every deployment that a command starts.
 * Undefined where they are not.
 *
 * @throws UsageError when it is something else than `enforced` or `off`
 */
export async function enforcementOf(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RuntimeOptions['iam']> {
  const given = environment[VARIABLE]
  if (given === undefined || given === '' || given === 'off') return undefined
  if (given !== 'enforced')
    throw new UsageError(`${VARIABLE} is "${given}": set it to enforced or off, or unset it`)
  // Nobody else needs to load it.
  const { simulatedIam } = await import('embedded-aws/simulated-iam')
  return { authorize: simulatedIam }
}
