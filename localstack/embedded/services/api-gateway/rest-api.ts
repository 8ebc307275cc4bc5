import type { Authorizer } from './authorizer.ts'
import { decode } from './multi-values.ts'

/** A part of the path: text, `{name}` for one segment, or `{name+}` for all that follow. */
type ApiResource = { readonly parentId: string | undefined; readonly pathPart: string }

type ApiMethod = {
  readonly resourceId: string
  /** `ANY` takes what no other method of the resource takes. */
  readonly httpMethod: string
  readonly apiKeyRequired: boolean
  /** What decides whether a request is let through; none lets all. */
  readonly authorizer: Authorizer | undefined
  readonly functionName: string
  /** How long the function may take to answer. */
  readonly timeoutMs: number
}

/** What API Gateway answers itself, by response type. */
type GatewayResponse = {
  readonly statusCode: number | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export type Throttle = { readonly rate: number | undefined; readonly burst: number | undefined }

/** A REST API as its template describes it. */
export type RestApi = {
  readonly id: string
  readonly rootId: string
  readonly name: string
  /** Where the API key of a request is: in its header, or what the authorizer says. */
  readonly keySource: 'HEADER' | 'AUTHORIZER'
  /** Bytes from which answers are compressed. */
  readonly minimumCompressionSize: number | undefined
  /** Media types whose bodies are bytes, in base64 where functions have them; a star for type and subtype stands for all. */
  readonly binaryMediaTypes: readonly string[]
  readonly resources: Map<string, ApiResource>
  readonly methods: ApiMethod[]
  /** By their id. */
  readonly authorizers: Map<string, Authorizer>
  readonly responses: Map<string, GatewayResponse>
  readonly stages: Map<string, Throttle>
}

export type MatchedRoute = {
  readonly method: ApiMethod
  /** The resource's path with its braces. */
  readonly resourcePath: string
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>
}

/** Finds the method for a path that is still percent-encoded: text before `{name}` before `{name+}`. */
export function matchRoute(api: RestApi, httpMethod: string, path: string): MatchedRoute | undefined {
  const segments = path.split('/').filter((segment) => segment !== '')
  const found = descend(api, api.rootId, segments)
  if (found === undefined) return undefined
  const ofResource = api.methods.filter(({ resourceId }) => resourceId === found.resourceId)
  const method =
    ofResource.find((each) => each.httpMethod === httpMethod) ??
    ofResource.find((each) => each.httpMethod === 'ANY')
  if (method === undefined) return undefined
  return { method, resourcePath: pathOf(api, found.resourceId), pathParameters: found.parameters }
}

type Found = { readonly resourceId: string; readonly parameters: Readonly<Record<string, string>> }

function descend(api: RestApi, resourceId: string, segments: readonly string[]): Found | undefined {
  const [segment, ...others] = segments
  if (segment === undefined) return { resourceId, parameters: {} }
  const children = [...api.resources].filter(([, { parentId }]) => parentId === resourceId)
  const exact = children.find(([, { pathPart }]) => pathPart === decode(segment))
  if (exact !== undefined) return descend(api, exact[0], others)
  for (const [id, { pathPart }] of children) {
    const name = /^\{(?<name>[^+}]+)\}$/.exec(pathPart)?.groups?.['name']
    if (name === undefined) continue
    const below = descend(api, id, others)
    return below && { ...below, parameters: { [name]: decode(segment), ...below.parameters } }
  }
  for (const [id, { pathPart }] of children) {
    const name = /^\{(?<name>[^+}]+)\+\}$/.exec(pathPart)?.groups?.['name']
    if (name !== undefined) return { resourceId: id, parameters: { [name]: segments.map(decode).join('/') } }
  }
  return undefined
}

function pathOf(api: RestApi, resourceId: string): string {
  const resource = api.resources.get(resourceId)
  if (resource?.parentId === undefined) return ''
  return `${pathOf(api, resource.parentId)}/${resource.pathPart}`
}
