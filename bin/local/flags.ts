import { GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'

import { FLAG_NAMES, type Flag, type FlagName, flagSchema } from '../../functions/shared/flag-names.ts'
import { clientOptions } from './client-options.ts'
import { UsageError } from './errors.ts'

/** The feature flags of a running deployment. */
export type DeployedFlags = {
  /** @throws UsageError when no such deployment runs there */
  list(): Promise<ReadonlyMap<FlagName, Flag>>
  set(name: FlagName, value: Flag): Promise<void>
}

/** The flags of a stage at the endpoint that the environment names. */
export function deployedFlags(stage: string, environment: NodeJS.ProcessEnv = process.env): DeployedFlags {
  const options = clientOptions('SSM', environment)
  const client = new SSMClient(options)
  const path = `/tickstock/${stage}/flags`
  return {
    list: async () => {
      const { Parameters = [] } = await client.send(new GetParametersByPathCommand({ Path: path }))
      if (Parameters.length === 0)
        throw new UsageError(
          `there are no feature flags below ${path} at ${options.endpoint ?? 'AWS'}; is stage ${stage} deployed there?`,
        )
      return new Map(
        FLAG_NAMES.map((name) => {
          const value = Parameters.find(({ Name }) => Name === `${path}/${name}`)?.Value
          return [name, flagSchema.catch('on').parse(value)]
        }),
      )
    },
    set: async (name, value) => {
      await client.send(new PutParameterCommand({ Name: `${path}/${name}`, Value: value, Overwrite: true }))
    },
  }
}
