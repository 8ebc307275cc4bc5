import { createHash } from 'node:crypto'
import { ResourceError } from '../../errors.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { FunctionHost } from '../lambda/function-host.ts'
import type { Authorizer, IdentitySource } from './authorizer.ts'

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

/** Reads `method.request.header.Name` (REST) or `route.request.querystring.name` (WebSocket). */
export function identitySource(request: 'method' | 'route', text: string): IdentitySource {
  const groups = new RegExp(`^${request}\\.request\\.(?<place>header|querystring)\\.(?<name>[\\w-]+)$`).exec(
    text,
  )?.groups
  const { place, name } = groups ?? {}
  if (name === undefined || (place !== 'header' && place !== 'querystring'))
    throw new ResourceError(
      `IdentitySource ${text}: only ${request}.request.header.NAME and ${request}.request.querystring.NAME are supported.`,
    )
  return { in: place, name }
}

/** The authorizer of a method or route; throws a ResourceError unless it has one exactly where its type says so. */
export function authorizerOf(
  authorizers: ReadonlyMap<string, Authorizer>,
  given: { readonly AuthorizationType: 'NONE' | 'CUSTOM'; readonly AuthorizerId?: string | undefined },
): Authorizer | undefined {
  const { AuthorizationType: type, AuthorizerId: id } = given
  if (type === 'NONE' && id === undefined) return undefined
  if (type === 'NONE')
    throw new ResourceError(`AuthorizerId ${id} has no effect with AuthorizationType NONE.`)
  const authorizer = authorizers.get(id ?? '')
  if (authorizer === undefined) throw new ResourceError(`AuthorizerId ${id} is not an authorizer of the API.`)
  return authorizer
}
