import { FLAG_AGE_SECONDS } from '../../functions/shared/runtime/feature-flags.ts'
import type { Flag, FlagName } from '../../functions/shared/runtime/flag-names.ts'
import type { DeployedStage } from './find-deployment.ts'
import { deployedFlags, refuseMissing } from './flags.ts'
import { printLine } from '../terminal/print.ts'

export type FlagOptions = {
  /** Shows this flag only. */
  readonly name: FlagName | undefined
  /** Sets it. */
  readonly value: Flag | undefined
}

/** Shows the feature flags of a deployment, or sets one. */
export async function flag(
  { prefix, stage, environment }: DeployedStage,
  { name, value }: FlagOptions,
): Promise<number> {
  const flags = deployedFlags(stage, environment, prefix)
  const before = await flags.list()
  if (name !== undefined && value !== undefined) {
    await flags.set(name, value)
    printLine(`${name} is ${value} (it was ${before.get(name)})${NOTE}`)
    return 0
  }
  if (name !== undefined) refuseMissing(stage, name, before)
  for (const [each, state] of before)
    if (name === undefined || name === each) printLine(`${each.padEnd(16)} ${state}`)
  return 0
}

const NOTE = `; every function applies it within ${FLAG_AGE_SECONDS} s`
