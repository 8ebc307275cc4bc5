import {
  GetEventSourceMappingCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda'

import { eventually } from '../support/eventually.ts'

const SECONDS = 60

/**
 * Lets a consumer fail at every invocation while something is done, by a bad value in its environment, and lets its
 * event source mapping repeat a batch only so often; then puts both back.
 */
export async function whileFailing(
  lambda: LambdaClient,
  { name, variable, retries }: { readonly name: string; readonly variable: string; readonly retries: number },
  doing: () => Promise<void>,
): Promise<void> {
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }))
  const variables = Environment?.Variables ?? {}
  if (variables[variable] === undefined) throw new Error(`${name} has no variable ${variable} to spoil`)
  const before = await setRetries(lambda, name, retries)
  await setEnvironment(lambda, name, { ...variables, [variable]: 'spoilt' })
  try {
    await doing()
  } finally {
    await setEnvironment(lambda, name, variables)
    await setRetries(lambda, name, before)
  }
}

/** Gives a function these variables and no others. */
export async function setEnvironment(
  lambda: LambdaClient,
  name: string,
  variables: Record<string, string>,
): Promise<void> {
  await lambda.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: name, Environment: { Variables: variables } }),
  )
  await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: SECONDS }, { FunctionName: name })
}

/** Sets the retries of the function's only mapping, and gives those that it had; -1 is without end. */
async function setRetries(lambda: LambdaClient, name: string, retries: number): Promise<number> {
  const { EventSourceMappings: mappings = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({ FunctionName: name }),
  )
  const [mapping] = mappings
  if (mapping === undefined || mappings.length !== 1)
    throw new Error(`${name} has ${mappings.length} event source mappings, not one`)
  await lambda.send(
    new UpdateEventSourceMappingCommand({ UUID: mapping.UUID, MaximumRetryAttempts: retries }),
  )
  await eventually(
    `the mapping of ${name} to be enabled again`,
    async () => {
      const { State } = await lambda.send(new GetEventSourceMappingCommand({ UUID: mapping.UUID }))
      return State === 'Enabled'
    },
    { seconds: SECONDS, everyMs: 250 },
  )
  return mapping.MaximumRetryAttempts ?? -1
}
