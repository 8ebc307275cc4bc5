import { randomUUID } from 'node:crypto'
import { answer } from '../../http/answer.ts'
import { startHttpServer } from '../../http/http.ts'
import type { HttpHandler } from '../../http/message.ts'
import type { ActionContext } from './action.ts'
import { handleKinesisRequest } from './handle-request.ts'
import { openStreamStore, type StreamStore } from './stream-store.ts'

/** The streams of a folder, and what answers requests for them. */
export type Kinesis = {
  readonly store: StreamStore
  readonly handle: HttpHandler
  readonly close: () => void
}

export type KinesisOptions = {
  /** Holds the streams; made when missing. */
  readonly folder: string
  /** Unix milliseconds. @default Date.now */
  readonly now?: () => number
  /** Makes single entries of a put fail with ProvisionedThroughputExceededException, to test clients. */
  readonly throttle?: ActionContext['throttle']
}

const trimEveryMs = 1_000

/** Above the largest valid request: 10 MiB in base64. */
export const largestKinesisBody = 16 * 1024 * 1024

/**
 * Opens the streams of a folder, for the Kinesis JSON protocol.
 * @throws StartError when the folder cannot be used.
 */
export function openKinesis({ folder, now, throttle }: KinesisOptions): Kinesis {
  const store = openStreamStore({ folder, ...(now && { now }) })
  const trimming = setInterval(() => store.trim(), trimEveryMs).unref()
  return {
    store,
    handle: ({ headers, body }) => {
      const target = String(headers['x-amz-target'] ?? '')
      const answered = handleKinesisRequest(store, target, {
        body: body.toString(),
        ...(throttle && { throttle }),
      })
      return {
        ...answered,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
      }
    },
    close: () => {
      clearInterval(trimming)
      store.close()
    },
  }
}

export type KinesisServer = {
  readonly endpoint: string
  readonly store: StreamStore
  /** Answers what has begun, then closes the socket and the store. */
  close(): Promise<void>
}

/**
 * Serves the streams of a folder on a port of their own.
 * @throws StartError when the port is taken or the folder cannot be used.
 */
export async function startKinesisServer({
  port = 0,
  ...options
}: KinesisOptions & {
  /** @default 0, any free port */
  readonly port?: number
}): Promise<KinesisServer> {
  const { store, handle, close } = openKinesis(options)
  try {
    const server = await startHttpServer(
      port,
      (incoming, outgoing) => void answer(incoming, outgoing, handle, { maxBodyBytes: largestKinesisBody }),
    )
    return {
      endpoint: server.endpoint,
      store,
      close: async () => {
        await server.close()
        close()
      },
    }
  } catch (error) {
    close()
    throw error
  }
}
