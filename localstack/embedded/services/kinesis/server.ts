import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { StartError } from '../../errors.ts'
import type { ActionContext } from './action.ts'
import { handleKinesisRequest } from './handle-request.ts'
import { openStreamStore, type StreamStore } from './stream-store.ts'

export type KinesisServer = {
  readonly endpoint: string
  readonly store: StreamStore
  /** Answers what has begun, then closes the socket and the store. */
  close(): Promise<void>
}

export type KinesisServerOptions = {
  /** Holds the streams; made when missing. */
  readonly folder: string
  /** @default 0, any free port */
  readonly port?: number
  /** @default '127.0.0.1' */
  readonly host?: '127.0.0.1'
  /** Unix milliseconds. @default Date.now */
  readonly now?: () => number
  /** Makes single entries of a put fail with ProvisionedThroughputExceededException, to test clients. */
  readonly throttle?: ActionContext['throttle']
}

const trimEveryMs = 1_000
/** Above the largest valid request: 10 MiB in base64. */
const largestBody = 16 * 1024 * 1024

/**
 * Serves the streams of a folder over the Kinesis JSON protocol on loopback.
 * @throws StartError when the port is taken or the folder cannot be used.
 */
export async function startKinesisServer(options: KinesisServerOptions): Promise<KinesisServer> {
  const { folder, port = 0, host = '127.0.0.1', now, throttle } = options
  const store = openStreamStore({ folder, ...(now && { now }) })
  const server = createServer((request, response) => {
    void answer(request, response, (target, body) =>
      handleKinesisRequest(store, target, { body, ...(throttle && { throttle }) }),
    )
  })
  // A connection that the server drops as idle can meet a put on its way: let clients close them.
  server.keepAliveTimeout = 0

  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, resolve)
    })
  } catch (cause) {
    store.close()
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StartError(
      `Kinesis cannot listen on ${host}:${port}: ${reason}. Free it or choose another port.`,
      { cause },
    )
  }
  const trimming = setInterval(() => store.trim(), trimEveryMs).unref()
  const address = server.address()
  const boundPort = typeof address === 'object' && address ? address.port : port

  return {
    endpoint: `http://${host}:${boundPort}`,
    store,
    async close() {
      clearInterval(trimming)
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      })
      store.close()
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (target: string, body: string) => { readonly status: number; readonly body: string },
): Promise<void> {
  const send = (status: number, body: string) =>
    response
      .writeHead(status, {
        'content-type': 'application/x-amz-json-1.1',
        'content-length': Buffer.byteLength(body),
        'x-amzn-requestid': randomUUID(),
      })
      .end(body)
  try {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) continue
      bytes += chunk.byteLength
      if (bytes <= largestBody) chunks.push(chunk)
    }
    if (bytes > largestBody) {
      const message = `The body has ${bytes} bytes, at most ${largestBody}: send fewer records at once.`
      send(413, JSON.stringify({ __type: 'SerializationException', message }))
      return
    }
    const result = handle(String(request.headers['x-amz-target'] ?? ''), Buffer.concat(chunks).toString())
    send(result.status, result.body)
  } catch {
    // The client closed the connection during the request.
    response.destroy()
  }
}
