import type { Authorizer } from '../api-gateway/authorizer.ts'

/** A Lambda proxy integration. */
type WebSocketIntegration = { readonly functionName: string; readonly timeoutMs: number }

type WebSocketRoute = {
  /** `$connect`, `$disconnect`, `$default`, or what the route selection expression has to give. */
  readonly key: string
  readonly apiKeyRequired: boolean
  /** What decides whether a client may connect; none lets all. */
  readonly authorizer: Authorizer | undefined
  readonly integration: WebSocketIntegration
  /** Whether the client gets the integration's answer, if the route has a route response too. */
  readonly selectsResponse: boolean
}

/** A WebSocket API as its template describes it. */
export type WebSocketApi = {
  readonly id: string
  /** The members that lead from a message to what selects its route: `$request.body.action` is `['action']`. */
  readonly selectionPath: readonly string[]
  /** Where the API key of a client is: in its header, or what the authorizer says. */
  readonly keySource: 'HEADER' | 'AUTHORIZER'
  /** By their id. */
  readonly authorizers: Map<string, Authorizer>
  readonly integrations: Map<string, WebSocketIntegration>
  /** By their id. */
  readonly routes: Map<string, WebSocketRoute>
  /** The ids of the routes that have a route response. */
  readonly routeResponses: Set<string>
}

export type SelectedRoute = WebSocketRoute & { readonly responds: boolean }

/** The route with that key. */
export function routeOf(api: WebSocketApi, key: string): SelectedRoute | undefined {
  for (const [id, route] of api.routes)
    if (route.key === key) return { ...route, responds: route.selectsResponse && api.routeResponses.has(id) }
  return undefined
}

/** The route of a message: that which its text selects, else `$default`; undefined if the API has neither. */
export function selectRoute(api: WebSocketApi, message: string): SelectedRoute | undefined {
  const key = selectedKey(message, api.selectionPath)
  const selected = key === undefined || isEvent(key) ? undefined : routeOf(api, key)
  return selected ?? routeOf(api, '$default')
}

/** No message can pretend that a client came or went. */
function isEvent(key: string): boolean {
  return key === '$connect' || key === '$disconnect'
}

function selectedKey(message: string, path: readonly string[]): string | undefined {
  let value = parsed(message)
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, name)
  }
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message)
  } catch {
    return undefined
  }
}
