import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

import { readStaticFiles } from '../../../bin/dashboard/static-files.ts'
import type { Deployment } from '../../../bin/embedded/deployment.ts'

export type Edge = { readonly url: string; readonly stop: () => Promise<void> }

export type EdgeOptions = {
  readonly deployment: Pick<Deployment, 'api' | 'webSocketUrl'>
  /** Folder of the built page. */
  readonly page: string
  /** The page's own config; given the address of the page. */
  readonly config: unknown
  /** The policy with which CloudFront would serve the page. */
  readonly policy: string
}

/**
 * Serves the page, the REST API and the WebSocket API below one origin, as lib/web-page.ts lets CloudFront do.
 *
 * @param optionsOf called for each request: the issuer has to know the address of the page, and the page that of the issuer
 */
export async function startEdge(optionsOf: () => EdgeOptions): Promise<Edge> {
  const server = createServer((incoming, outgoing) => {
    const { deployment, page, config, policy } = optionsOf()
    const files = readStaticFiles(page)
    const [path = '/'] = (incoming.url ?? '/').split('?')
    if (path.startsWith('/v1/')) return forward(incoming, outgoing, deployment.api.url)
    if (path === '/docs') return void outgoing.writeHead(302, { location: '/#/api' }).end()
    if (path === '/config.json') return void outgoing.end(JSON.stringify(config))
    const { status = 404, headers, body } = files.get(path) ?? {}
    outgoing.writeHead(status, { ...headers, 'content-security-policy': policy }).end(body)
  })
  server.on('upgrade', (incoming, socket) =>
    tunnel(incoming, socket, optionsOf().deployment.webSocketUrl ?? ''),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the edge does not listen')
  return {
    url: `http://localhost:${address.port}`,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** API Gateway knows no pages, and the embedded runtime refuses those of other origins: the origin is not passed on. */
function headersFor(
  { headers }: IncomingMessage,
  host: string,
): Record<string, string | string[] | undefined> {
  const { origin: _origin, 'sec-fetch-site': _site, ...others } = headers
  return { ...others, host }
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, api: string): void {
  const target = new URL(`${api}${incoming.url ?? ''}`)
  const { method } = incoming
  const asked = request(target, { method, headers: headersFor(incoming, target.host) }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  asked.on('error', () => outgoing.writeHead(502).end())
  incoming.pipe(asked)
}

function tunnel(incoming: IncomingMessage, socket: Duplex, webSocketUrl: string): void {
  const { host, hostname, port, pathname } = new URL(webSocketUrl)
  const upstream = connect(Number(port), hostname, () => {
    const headers = Object.entries(headersFor(incoming, host)).map(
      ([name, value]) => `${name}: ${String(value)}`,
    )
    upstream.write(`GET ${pathname} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
    upstream.pipe(socket).pipe(upstream)
  })
  for (const [one, other] of [
    [socket, upstream],
    [upstream, socket],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
}
