import {
  DeleteConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'

import { Patience } from './patience.ts'

type Posted =
  | { readonly type: 'sent' }
  /** The connection no longer exists. */
  | { readonly type: 'gone' }
  | { readonly type: 'failed'; readonly error: unknown }

type Ended = { readonly type: 'ended' } | { readonly type: 'failed'; readonly error: unknown }

/** The clients' ends of the connections. A result `failed` is final: what can be retried was retried. */
export type Connections = {
  /** Sends a text of up to 128 KB. */
  post(id: string, text: string): Promise<Posted>
  /** Ends a connection, so that its client reconnects. */
  end(id: string): Promise<Ended>
}

/** What posts to connections and ends them: the client of API Gateway's management API. */
type ConnectionsClient = {
  send(
    command: PostToConnectionCommand,
    options: { readonly requestTimeout: number },
  ): Promise<{ readonly $metadata: { readonly attempts?: number | undefined } }>
  send(command: DeleteConnectionCommand): Promise<unknown>
}

/** API Gateway's connections; `patience` says how long each may take to receive. */
export function createConnections(
  client: ConnectionsClient,
  patience: Patience = new Patience(),
): Connections {
  async function postWithin(limitMs: number, id: string, text: string): Promise<Posted> {
    const begin = performance.now()
    try {
      const command = new PostToConnectionCommand({ ConnectionId: id, Data: Buffer.from(text) })
      const { $metadata } = await client.send(command, { requestTimeout: limitMs })
      patience.answered($metadata.attempts === 1 ? performance.now() - begin : undefined)
      return { type: 'sent' }
    } catch (error) {
      return error instanceof GoneException ? { type: 'gone' } : { type: 'failed', error }
    }
  }
  return {
    async post(id, text) {
      for (let limitMs = patience.limitMs; ;) {
        const { answers } = patience
        const posted = await postWithin(limitMs, id, text)
        if (posted.type !== 'failed' || !isTimeout(posted.error)) return posted
        const again = patience.again({ limitMs, answers })
        if (again === undefined) return posted
        limitMs = again
      }
    },
    async end(id) {
      try {
        await client.send(new DeleteConnectionCommand({ ConnectionId: id }))
        return { type: 'ended' }
      } catch (error) {
        return error instanceof GoneException ? { type: 'ended' } : { type: 'failed', error }
      }
    },
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}
