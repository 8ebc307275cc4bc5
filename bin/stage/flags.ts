import { GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'

import { DEFAULT_PREFIX, pathOf } from '../../functions/shared/runtime/deployment-name.ts'
import {
  FLAG_NAMES,
  type Flag,
  type FlagName,
  flagSchema,
} from '../../functions/shared/runtime/flag-names.ts'
import { clientOptions } from './client-options.ts'
import { UsageError } from '../terminal/errors.ts'

/** The feature flags of a running deployment. */
export type DeployedFlags = {
  /**
   * Those that it has.
   *
   * @throws UsageError when no such deployment runs there
   */
  list(): Promise<ReadonlyMap<FlagName, Flag>>
  /** @throws UsageError when it has no such flag */
  set(name: FlagName, value: Flag): Promise<void>
}

/** The feature flags of a deployment, reached as the environment says. */
export function deployedFlags(
  stage: string,
  environment: NodeJS.ProcessEnv,
  prefix = DEFAULT_PREFIX,
): DeployedFlags {
  const options = clientOptions('SSM', environment)
  const client = new SSMClient(options)
  const path = `${pathOf({ prefix, stage })}/flags`
  const list = async (): Promise<ReadonlyMap<FlagName, Flag>> => {
    const { Parameters = [] } = await client.send(new GetParametersByPathCommand({ Path: path }))
    if (Parameters.length === 0)
      throw new UsageError(
        `there are no feature flags below ${path} at ${options.endpoint ?? 'AWS'}; is stage ${stage} deployed there?`,
      )
    const values = new Map(Parameters.map(({ Name, Value }) => [Name, Value]))
    return new Map(
      FLAG_NAMES.filter((name) => values.has(`${path}/${name}`)).map((name) => [
        name,
        flagSchema.catch('on').parse(values.get(`${path}/${name}`)),
      ]),
    )
  }
  return {
    list,
    set: async (name, value) => {
      refuseMissing(stage, name, await list())
      await client.send(new PutParameterCommand({ Name: `${path}/${name}`, Value: value, Overwrite: true }))
    },
  }
}

const WHY_MISSING: Partial<Record<FlagName, string>> = {
  archive: 'it is deployed with archive off',
  broadcast: 'it is deployed with websocket off',
  'live-ticks': 'it is deployed with liveTicks or websocket off',
}

/** @throws UsageError when a stage does not have a flag */
export function refuseMissing(stage: string, name: FlagName, flags: ReadonlyMap<FlagName, Flag>): void {
  if (flags.has(name)) return
  const why = WHY_MISSING[name] ?? 'deploy it again'
  throw new UsageError(`stage ${stage} has no flag ${name}, only ${[...flags.keys()].join(', ')}: ${why}`)
}
