import type { Flag, FlagName } from '../../functions/shared/runtime/flag-names.ts'
import { FLAG_AGE_SECONDS } from '../../functions/shared/runtime/feature-flags.ts'
import { deployedFlags, refuseMissing } from '../stage/flags.ts'

export type FlagOptions = {
  readonly stage: string
  /** Shows this one only. */
  readonly name: FlagName | undefined
  /** Sets it. */
  readonly value: Flag | undefined
}

/** Shows the feature flags of a running deployment, or turns one. */
export async function flag({ stage, name, value }: FlagOptions): Promise<number> {
  const flags = deployedFlags(stage)
  const before = await flags.list()
  if (name !== undefined && value !== undefined) {
    await flags.set(name, value)
    process.stdout.write(`${name} is ${value} (it was ${before.get(name)})${NOTE}\n`)
    return 0
  }
  if (name !== undefined) refuseMissing(stage, name, before)
  for (const [each, state] of before)
    if (name === undefined || name === each) process.stdout.write(`${each.padEnd(16)} ${state}\n`)
  return 0
}

const NOTE = `; heard everywhere within ${FLAG_AGE_SECONDS} s`
