import type { RuntimeOptions } from 'embedded-aws'

import { UsageError } from '../terminal/errors.ts'

type Affinity = NonNullable<RuntimeOptions['affinity']>

const AFFINITIES: readonly Affinity[] = ['shard', 'none']
const VARIABLE = 'TICKSTOCK_AFFINITY'

/**
 * Which worker gets the next batch of a shard, as the environment has it for every deployment that a command starts.
 * Undefined where it has nothing.
 *
 * @throws UsageError when it is something else
 */
export function affinityOf(environment: Readonly<Record<string, string | undefined>>): Affinity | undefined {
  const given = environment[VARIABLE]
  if (given === undefined || given === '') return undefined
  const affinity = AFFINITIES.find((each) => each === given)
  if (affinity === undefined)
    throw new UsageError(`${VARIABLE} is "${given}": set it to ${AFFINITIES.join(' or ')}, or unset it`)
  return affinity
}
