import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'

import { loopback } from 'embedded-aws'
import { codeOf, messageOf } from 'embedded-aws/errors'

import { UsageError } from '../terminal/errors.ts'
import { type Answer, RefusedError } from './answer.ts'
import type { Backend } from './backend.ts'
import { refuseForeign } from './own-request.ts'
import { proxyLive, refuseUpgrade } from './proxy-live.ts'
import { notFound, respond, starting, type State, urlOf } from './respond.ts'
import { randomToken, Sessions } from './sessions.ts'
import { pleaseSignIn, sessionOf } from './sign-in.ts'
import { readStaticFiles, withSessions } from './static-files.ts'

export type DashboardOptions = {
  /** 0 takes a free one. */
  readonly port: number
  /** Resolves to the folder of the built page. */
  readonly pages: Promise<string>
  /** Called with a fault of the dashboard itself. */
  readonly onError: (error: unknown) => void
}

/** The dashboard of a deployment on this machine. */
export type Dashboard = {
  readonly url: string
  /** By which `tickstock dashboard` asks for one-time addresses. */
  readonly secret: string
  /** A new address that signs in once. */
  readonly newAddress: () => string
  /** Shows a deployment, once it is up. */
  readonly show: (backend: Backend) => void
  readonly stop: () => Promise<void>
}

/** What the server takes from clients; connections include WebSockets. */
const LIMITS = { headerBytes: 64 * 1024, headersMs: 10_000, requestMs: 30_000, connections: 512 }

/**
 * Serves the dashboard on loopback, to browsers that have signed in by a one-time address.
 *
 * @throws UsageError when the port cannot be used
 */
export async function startDashboard({ port, pages, onError }: DashboardOptions): Promise<Dashboard> {
  let backend: Backend | undefined
  let url = ''
  const sessions = new Sessions()
  const files = pages.then((folder) => withSessions(readStaticFiles(folder)))
  // Each request of the page reports it.
  files.catch(() => {})
  const state: State = {
    sessions,
    secret: randomToken(),
    newAddress: () => `${url}/?key=${sessions.newKey()}`,
    pages: files,
    backend: () => backend,
    onError,
  }
  const servers = await listenOnLoopback(port, () => serverOf(state))
  const [first] = servers
  url = `http://localhost:${first === undefined ? port : portOf(first)}`
  return {
    url,
    secret: state.secret,
    newAddress: state.newAddress,
    show: (deployed) => {
      backend = deployed
    },
    stop: async () => {
      sessions.endAll()
      await Promise.all(servers.map(closed))
    },
  }
}

function serverOf(state: State): Server {
  const server = createServer(
    { maxHeaderSize: LIMITS.headerBytes, headersTimeout: LIMITS.headersMs, requestTimeout: LIMITS.requestMs },
    (request, response) => void respond(state, request, response),
  )
  server.maxConnections = LIMITS.connections
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const refusal = upgrade(state, { request, socket, head })
    if (refusal !== undefined) refuseUpgrade(socket, refusal)
  })
  return server
}

/** Connects a page to the WebSocket API; why not, if it may not. */
function upgrade(
  { sessions, backend: backendOf }: State,
  upgrading: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
): Answer | undefined {
  const { request } = upgrading
  const refusal = refuseForeign(request)
  if (refusal !== undefined) return refusal
  const session = sessionOf(sessions, request)
  // A browser sends the origin of the page that opens a WebSocket.
  if (session === undefined || request.headers.origin === undefined) return pleaseSignIn()
  try {
    const { pathname } = urlOf(request)
    if (pathname !== '/live') return notFound(pathname)
  } catch (error) {
    if (error instanceof RefusedError) return error.answer
    throw error
  }
  const backend = backendOf()
  if (backend === undefined) return starting()
  const { webSocketUrl, api } = backend
  if (webSocketUrl === undefined) return notFound('/live: the deployment has websocket off')
  proxyLive({ url: webSocketUrl, key: api.key, sessions }, session, upgrading)
  return undefined
}

/**
 * Listens on the loopback addresses of both protocols, since a browser may take `localhost` for either: whoever had the
 * other would be sent the key.
 */
async function listenOnLoopback(port: number, create: () => Server): Promise<readonly Server[]> {
  const first = await listening(create(), port, loopback)
  try {
    return [first, await listening(create(), portOf(first), '::1')]
  } catch (error) {
    if (/EADDRNOTAVAIL|EAFNOSUPPORT/.test(codeOf(error) ?? '')) return [first]
    await closed(first)
    // A free port of one protocol may be taken in the other.
    if (port === 0 && codeOf(error) === 'EADDRINUSE') return await listenOnLoopback(port, create)
    throw unusable(port, error)
  }
}

async function listening(server: Server, port: number, host: string): Promise<Server> {
  server.listen({ port, host, ipv6Only: host === '::1' })
  try {
    await once(server, 'listening')
  } catch (error) {
    throw host === loopback ? unusable(port, error) : error
  }
  return server
}

function unusable(port: number, error: unknown): UsageError {
  const problem =
    codeOf(error) === 'EADDRINUSE'
      ? 'is in use: stop what listens there, or choose another'
      : `cannot be used (${messageOf(error)}): choose another`
  return new UsageError(
    `port ${port}, for the dashboard, ${problem} with --dashboard-port (0: any free one)`,
    {
      cause: error,
    },
  )
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function closed(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
