import type { RuntimeOptions } from 'embedded-aws'

import { UsageError } from '../terminal/errors.ts'

type Affinity = NonNullable<RuntimeOptions['affinity']>

const AFFINITIES: readonly Affinity[] = ['shard', 'none']
const VARIABLE = 'TICKSTOCK_AFFINITY'
const WORKERS = 'TICKSTOCK_SHARD_WORKERS'
const MAX_WORKERS = 64

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

/**
 * Workers that each function has for its shards, from the environment as `affinityOf`. Undefined where it has nothing.
 *
 * @throws UsageError when it is no such number
 */
export function shardWorkersOf(
  environment: Readonly<Record<string, string | undefined>>,
): number | undefined {
  const given = environment[WORKERS]
  if (given === undefined || given === '') return undefined
  const count = /^\d{1,2}$/.test(given) ? Number(given) : 0
  if (count < 1 || count > MAX_WORKERS)
    throw new UsageError(`${WORKERS} is "${given}": set it to a number from 1 to ${MAX_WORKERS}, or unset it`)
  return count
}
