import { Agent, request as sendRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer, startHttpServer } from './http/http.ts'
import type { HttpResponse, HttpServer } from './http/http.ts'
import { element, xml } from './http/xml.ts'
import type { Endpoint } from './service.ts'

/** The one endpoint that a client needs as `AWS_ENDPOINT_URL`: it recognises services as LocalStack does. */
export async function startGateway(
  port: number,
  { endpoints, health }: { readonly endpoints: readonly Endpoint[]; readonly health: () => unknown },
): Promise<HttpServer> {
  const agent = new Agent({ keepAlive: true })
  const upgrades = endpoints.flatMap(({ upgrade }) => upgrade ?? [])
  const server = await startHttpServer(
    port,
    (incoming, outgoing) => {
      const handle = handlerOf(incoming, endpoints, { health })
      if (typeof handle === 'string') forward({ incoming, outgoing, endpoint: handle, agent })
      else void answer(incoming, outgoing, handle)
    },
    {
      wants: (request) => upgrades.some(({ wants }) => wants(request)),
      take: (request, ...connection) =>
        upgrades.find(({ wants }) => wants(request))?.take(request, ...connection),
    },
  )
  return {
    endpoint: server.endpoint,
    close: async () => {
      await server.close()
      agent.destroy()
    },
  }
}

function handlerOf(
  incoming: IncomingMessage,
  endpoints: readonly Endpoint[],
  { health }: { readonly health: () => unknown },
): Endpoint['handle'] {
  const { headers, url: path = '/' } = incoming
  if (path === '/_health') return () => json(200, health())
  const byPath = endpoints.findLast(({ takesPath }) => takesPath?.(path))
  if (byPath !== undefined) return byPath.handle
  const named = serviceNamedBy(headers)
  const found = endpoints.find((endpoint) => isNamed(endpoint, named))
  if (found !== undefined) return found.handle
  const served = endpoints.flatMap(({ signedAs }) => signedAs ?? []).join(', ')
  return () => refusal(incoming, `The service ${named?.name} is not served here. Served: ${served}.`)
}

type Named = { readonly by: 'target' | 'signature'; readonly name: string }

/** By `X-Amz-Target`, else by the service that the signature is for. */
function serviceNamedBy(headers: IncomingMessage['headers']): Named | undefined {
  const target = headers['x-amz-target']
  if (typeof target === 'string') return { by: 'target', name: target }
  const scope = /Credential=[^/]+\/\d+\/[^/]+\/(?<service>[^/]+)\/aws4_request/.exec(
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
function refusal({ headers }: IncomingMessage, message: string): HttpResponse {
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return json(501, { message })
  const error = element('Error', [element('Code', 'NotImplemented'), element('Message', message)])
  return {
    status: 501,
    headers: { 'content-type': 'text/xml' },
    body: xml(element('ErrorResponse', [error])),
  }
}

function forward({
  incoming,
  outgoing,
  endpoint,
  agent,
}: {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly endpoint: string
  readonly agent: Agent
}): void {
  const { method, headers } = incoming
  const onward = sendRequest(`${endpoint}${incoming.url}`, { method, headers, agent }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers)
    response.pipe(outgoing)
  })
  onward.on('error', (error) => {
    if (outgoing.headersSent) outgoing.destroy(error)
    else
      outgoing
        .writeHead(502)
        .end(JSON.stringify({ message: `${endpoint} does not answer: ${error.message}` }))
  })
  incoming.pipe(onward)
}

function json(status: number, value: unknown): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  }
}
