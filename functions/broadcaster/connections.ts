import {
  type ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'

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

/** API Gateway's connections. */
export function createConnections(client: Pick<ApiGatewayManagementApiClient, 'send'>): Connections {
  return {
    async post(id, text) {
      try {
        await client.send(new PostToConnectionCommand({ ConnectionId: id, Data: Buffer.from(text) }))
        return { type: 'sent' }
      } catch (error) {
        return error instanceof GoneException ? { type: 'gone' } : { type: 'failed', error }
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
