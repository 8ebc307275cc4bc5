import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi'
import { NodeHttpHandler } from '@smithy/node-http-handler'

/** Concurrent requests, each on a kept-alive connection. */
export const POSTS_AT_ONCE = 50

/** How long it may take, at each of three attempts, where `Patience` does not say; the stream waits for it. */
const TIMEOUT_MS = 1000
const ATTEMPTS = 3

/**
 * A client of API Gateway's management API; the SDK finds the endpoint in the environment.
 *
 * @param options.attempts to send a message. @default 3
 */
export function createManagementClient({
  attempts = ATTEMPTS,
}: { readonly attempts?: number } = {}): ApiGatewayManagementApiClient {
  const agent = { maxSockets: POSTS_AT_ONCE, keepAlive: true }
  return new ApiGatewayManagementApiClient({
    maxAttempts: attempts,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: TIMEOUT_MS,
      requestTimeout: TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    }),
  })
}
