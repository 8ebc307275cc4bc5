import { once } from 'node:events'
import { createServer } from 'node:http'

import { codeOf, messageOf } from 'embedded-aws/errors'

import { UsageError } from '../terminal/errors.ts'
import type { Bridge } from './bridge.ts'

/** A bridge that listens on a port of its own. */
export type Listening = { readonly url: string; readonly stop: () => Promise<void> }

const LIMITS = { headerBytes: 16 * 1024, headersMs: 10_000, requestMs: 10_000, connections: 2000 }

/**
 * Lets a bridge listen. Beside the streams, `/health` answers 200, for load balancers.
 *
 * @throws UsageError when the port cannot be used
 */
export async function listen(
  bridge: Bridge,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const server = createServer(
    { maxHeaderSize: LIMITS.headerBytes, headersTimeout: LIMITS.headersMs, requestTimeout: LIMITS.requestMs },
    ({ url }, response) => {
      const isHealth = url === '/health'
      response.writeHead(isHealth ? 200 : 404, { 'content-type': 'application/json' })
      response.end(
        isHealth
          ? JSON.stringify({ connections: bridge.connections() })
          : '{"message":"There are WebSockets alone here: /v2/iex, /v1beta3/crypto/us, /stocks, /crypto, /forex."}',
      )
    },
  )
  server.maxConnections = LIMITS.connections
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (bridge.wants(request)) bridge.take(request, socket, head)
    else socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  })
  server.listen({ host, port })
  try {
    await once(server, 'listening')
  } catch (error) {
    const problem =
      codeOf(error) === 'EADDRINUSE' ? 'is in use: stop what listens there, or choose' : messageOf(error)
    throw new UsageError(
      `port ${port} of ${host}, for the bridge, ${problem} another with --port or --host`,
      { cause: error },
    )
  }
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `ws://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    stop: async () => {
      await bridge.stop()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
