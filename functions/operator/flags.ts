import { GetParametersCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm'

import { type Flag, type FlagName, flagSchema } from '../shared/runtime/flag-names.ts'

/** The flags of this stage. */
export type Flags = {
  readonly names: readonly FlagName[]
  list(): Promise<ReadonlyMap<FlagName, Flag>>
  set(name: FlagName, value: Flag): Promise<void>
}

/** The flags `names` below a path of parameters. */
export function openFlags(client: Pick<SSMClient, 'send'>, path: string, names: readonly FlagName[]): Flags {
  return {
    names,
    list: async () => {
      const Names = names.map((name) => `${path}/${name}`)
      const { Parameters = [] } = await client.send(new GetParametersCommand({ Names }))
      const values = new Map(Parameters.map(({ Name, Value }) => [Name, Value]))
      // A flag that is neither on nor off is on: so take the parts it.
      return new Map(names.map((name) => [name, flagSchema.catch('on').parse(values.get(`${path}/${name}`))]))
    },
    set: async (name, value) => {
      await client.send(new PutParameterCommand({ Name: `${path}/${name}`, Value: value, Overwrite: true }))
    },
  }
}
