import * as z from 'zod'
import { ResourceError } from '../../errors.ts'
import {
  arnOf,
  because,
  cfnNumber,
  inert,
  inertProperties,
  resourceType,
} from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { Lambda } from './lambda.ts'

/** The name of the function that a property refers to by name or ARN; throws a ResourceError if there is none. */
function functionOf(nameOrArn: string, { api }: ResourceContext<Lambda>): string {
  const name = api.functions.find(nameOrArn)
  if (name === undefined)
    throw new ResourceError(`FunctionName ${nameOrArn} is not a function of this stack.`)
  return name
}

const oneVersion = 'every version and alias is the function of the current template'

/** How often an asynchronous invocation is tried again. */
export const lambdaEventInvokeConfig = resourceType({
  properties: z.strictObject({
    FunctionName: z.string(),
    Qualifier: inert(oneVersion),
    MaximumRetryAttempts: cfnNumber.optional(),
    MaximumEventAgeInSeconds: cfnNumber.optional(),
  }),
  create: (properties, context: ResourceContext<Lambda>) => {
    const name = functionOf(properties.FunctionName, context)
    const { MaximumRetryAttempts: attempts, MaximumEventAgeInSeconds: age } = properties
    context.api.asynchronous.configure(name, {
      ...(attempts !== undefined && { maximumRetryAttempts: attempts }),
      ...(age !== undefined && { maximumEventAgeSeconds: age }),
    })
    return { ref: `${name}-event-invoke-config`, attributes: {} }
  },
})

export const lambdaVersion = resourceType({
  properties: z.strictObject({
    FunctionName: z.string(),
    Description: inert(because.naming),
    ...inertProperties(oneVersion, 'CodeSha256', 'RuntimePolicy'),
  }),
  create: (properties, context: ResourceContext<Lambda>) => {
    const arn = arnOf(context, 'lambda', `function:${functionOf(properties.FunctionName, context)}:1`)
    return { ref: arn, attributes: { Version: '1', FunctionArn: arn } }
  },
})

export const lambdaAlias = resourceType({
  properties: z.strictObject({
    FunctionName: z.string(),
    FunctionVersion: inert(oneVersion),
    Name: z.string(),
    Description: inert(because.naming),
  }),
  create: (properties, context: ResourceContext<Lambda>) => {
    const name = functionOf(properties.FunctionName, context)
    const arn = arnOf(context, 'lambda', `function:${name}:${properties.Name}`)
    return { ref: arn, attributes: { AliasArn: arn } }
  },
})
