import { createHash } from 'node:crypto'
import { ResourceError } from '../../errors.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { FunctionHost } from '../lambda/function-host.ts'

/** The id of a part of an API: ten lower-case letters and digits, the same at every start. */
export function idOf(
  { stackName, logicalId }: Pick<ResourceContext, 'stackName' | 'logicalId'>,
  what = '',
): string {
  return createHash('sha256').update(`${stackName}/${logicalId}/${what}`).digest('hex').slice(0, 10)
}

/** The name of the function whose invocation a property's URI stands for; throws a ResourceError if there is none. */
export function integratedFunction(property: string, uri: string, functions: FunctionHost): string {
  const arn = /\/functions\/(?<arn>.+)\/invocations$/.exec(uri)?.groups?.['arn'] ?? uri
  const name = functions.find(arn)
  if (name === undefined) throw new ResourceError(`${property} ${uri} is not a function of this stack.`)
  return name
}
