import type { IncomingHttpHeaders } from 'node:http'
import { answer } from './http/answer.ts'
import { startHttpServer } from './http/http.ts'
import type { HttpServer } from './http/http.ts'
import type { HttpResponse, Incoming } from './http/message.ts'
import { element, xml } from './http/xml.ts'
import type { Endpoint } from './service.ts'

export type GatewayOptions = {
  readonly endpoints: readonly Endpoint[]
  readonly health: () => unknown
  /** Whether every resource is created, and the runtime does not stop. */
  readonly isReady: () => boolean
  /** Origins whose pages may use the paths that endpoints open to pages, beside the gateway's own. */
  readonly origins: readonly string[]
}

/** The one endpoint that a client needs as `AWS_ENDPOINT_URL`: it recognises services as LocalStack does. */
export async function startGateway(
  port: number,
  { endpoints, health, isReady, origins }: GatewayOptions,
): Promise<HttpServer> {
  const upgrades = endpoints.flatMap(({ upgrade }) => upgrade ?? [])
  return await startHttpServer(
    port,
    (incoming, outgoing) => {
      const { handle, ...options } = routeOf(incoming, { endpoints, health, isReady })
      void answer(incoming, outgoing, handle, options)
    },
    {
      upgrade: {
        wants: (request) => isReady() && upgrades.some(({ wants }) => wants(request)),
        take: (request, ...connection) =>
          upgrades.find(({ wants }) => wants(request))?.take(request, ...connection),
      },
      pages: { origins, mayUse: (path) => byPath(endpoints, path)?.isForPages?.(path) === true },
    },
  )
}

/** What answers a request, and within which limits. */
type Route = Pick<Endpoint, 'handle' | 'maxBodyBytes' | 'refuse'>

function routeOf(
  { headers, url = '/' }: Incoming,
  { endpoints, health, isReady }: Pick<GatewayOptions, 'endpoints' | 'health' | 'isReady'>,
): Route {
  const [path = '/'] = url.split('?', 1)
  if (path === '/_health') return { handle: () => json(200, health()), maxBodyBytes: 0 }
  const named = serviceNamedBy(headers)
  const found = byPath(endpoints, path) ?? endpoints.find((endpoint) => isNamed(endpoint, named))
  if (found !== undefined) return found.afterStart === true && !isReady() ? notReady : found
  const served = endpoints.flatMap(({ signedAs }) => signedAs ?? []).join(', ')
  const message = `The service ${named?.name} is not served here. Served: ${served}.`
  return { handle: () => refusal(headers, message), maxBodyBytes: unservedBytes }
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
  const scope = /Credential=[^/]{1,256}\/\d{1,8}\/[^/]{1,64}\/(?<service>[^/]{1,64})\/aws4_request/.exec(
    headers.authorization ?? '',
  )
  const name = scope?.groups?.['service']
  return name === undefined ? undefined : { by: 'signature', name }
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
