import type { IncomingHttpHeaders } from 'node:http'
import { answer } from './http/answer.ts'
import { startHttpServer } from './http/http.ts'
import type { HttpServer, Upgrade } from './http/http.ts'
import type { HttpHandler, HttpResponse, Incoming } from './http/message.ts'
import { element, xml } from './http/xml.ts'
import type { Endpoint, Guard } from './service.ts'

export type GatewayOptions = {
  readonly endpoints: readonly Endpoint[]
  readonly guards: readonly Guard[]
  /** What takes connections beside the endpoints, and before them; more may be added later. */
  readonly upgrades: readonly Upgrade[]
  readonly health: () => unknown
  /** Whether every resource is created, and the runtime does not stop. */
  readonly isReady: () => boolean
  /** Origins whose pages may use the paths that endpoints open to pages, beside the gateway's own. */
  readonly origins: readonly string[]
  /** How long a connection may be idle, in milliseconds; 0: until its client closes it. */
  readonly idleMs: number
}

/** The one endpoint that a client needs as `AWS_ENDPOINT_URL`: it recognises services as LocalStack does. */
export async function startGateway(
  port: number,
  { endpoints, guards, upgrades: added, health, isReady, origins, idleMs }: GatewayOptions,
): Promise<HttpServer> {
  const upgrades = (): readonly Upgrade[] => [...added, ...endpoints.flatMap(({ upgrade }) => upgrade ?? [])]
  return await startHttpServer(
    port,
    (incoming, outgoing) => {
      const { handle, ...options } = routeOf(incoming, { endpoints, guards, health, isReady })
      void answer(incoming, outgoing, handle, options)
    },
    {
      upgrade: {
        wants: (request) => isReady() && upgrades().some(({ wants }) => wants(request)),
        take: (request, ...connection) =>
          upgrades()
            .find(({ wants }) => wants(request))
            ?.take(request, ...connection),
      },
      limits: { idleMs },
      pages: { origins, mayUse: (path) => byPath(endpoints, path)?.isForPages?.(path) === true },
    },
  )
}

/** What answers a request, and within which limits. */
type Route = Pick<Endpoint, 'handle' | 'maxBodyBytes' | 'refuse'>

function routeOf(
  { headers, url = '/' }: Incoming,
  { endpoints, guards, health, isReady }: Omit<GatewayOptions, 'origins' | 'idleMs' | 'upgrades'>,
): Route {
  const [path = '/'] = url.split('?', 1)
  if (path === '/_health') return { handle: () => json(200, health()), maxBodyBytes: 0 }
  const named = serviceNamedBy(headers)
  const found = byPath(endpoints, path) ?? endpoints.find((endpoint) => isNamed(endpoint, named))
  if (found !== undefined && found.afterStart === true && !isReady()) return notReady
  if (found !== undefined) return guards.length === 0 ? found : { ...found, handle: guarded(found, guards) }
  const served = endpoints.flatMap(({ signedAs }) => signedAs ?? []).join(', ')
  const message = `The service ${named?.name} is not served here. Served: ${served}.`
  return { handle: () => refusal(headers, message), maxBodyBytes: unservedBytes }
}

function guarded(endpoint: Endpoint, guards: readonly Guard[]): HttpHandler {
  return async (request) => {
    const accessKey = signatureOf(request.headers)?.['key'] ?? presignedBy(request.query)
    if (accessKey === undefined) return await endpoint.handle(request)
    for (const guard of guards) {
      const answered = await guard(request, { accessKey, endpoint })
      if (answered !== undefined) return answered
    }
    return await endpoint.handle(request)
  }
}

/** As API Gateway answers while it cannot serve an API; no key could be valid yet. */
const notReady: Route = {
  handle: () => unavailable,
  maxBodyBytes: 0,
  refuse: () => unavailable,
}

const unavailable: HttpResponse = {
  status: 503,
  headers: { 'content-type': 'application/json', 'retry-after': '1' },
  body: '{"message":"Service Unavailable"}',
}

/** Clients send a form or JSON to what is not served, too. */
const unservedBytes = 1024 * 1024

function byPath(endpoints: readonly Endpoint[], path: string): Endpoint | undefined {
  return endpoints.findLast(({ takesPath }) => takesPath?.(path))
}

type Named = { readonly by: 'target' | 'signature'; readonly name: string }

/** By `X-Amz-Target`, else by the service that the signature is for. */
function serviceNamedBy(headers: IncomingHttpHeaders): Named | undefined {
  const target = headers['x-amz-target']
  if (typeof target === 'string') return { by: 'target', name: target }
  const name = signatureOf(headers)?.['service']
  return name === undefined ? undefined : { by: 'signature', name }
}

/** The access key of a signature, and the service that it is for. */
function signatureOf({ authorization = '' }: IncomingHttpHeaders) {
  const scope =
    /Credential=(?<key>[^/]{1,256})\/\d{1,8}\/[^/]{1,64}\/(?<service>[^/]{1,64})\/aws4_request/.exec(
      authorization,
    )
  return scope?.groups
}

/** The access key of a request that was signed by its query. */
function presignedBy(query: URLSearchParams): string | undefined {
  return query.get('X-Amz-Credential')?.split('/', 1)[0]
}

function isNamed({ target, signedAs, takesUnnamed }: Endpoint, named: Named | undefined): boolean {
  if (named === undefined) return takesUnnamed === true
  return named.by === 'target' ? named.name.split('.')[0] === target : named.name === signedAs
}

/** In XML to services whose clients send forms and read XML. */
function refusal(headers: IncomingHttpHeaders, message: string): HttpResponse {
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return json(501, { message })
  const error = element('Error', [element('Code', 'NotImplemented'), element('Message', message)])
  return {
    status: 501,
    headers: { 'content-type': 'text/xml' },
    body: xml(element('ErrorResponse', [error])),
  }
}

function json(status: number, value: unknown): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  }
}
