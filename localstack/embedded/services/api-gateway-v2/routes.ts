import type { Connection } from './connection.ts'
import { disconnectEvent, messageEvent, newId } from './events.ts'
import type { Close, ConnectionContext } from './events.ts'
import { callIntegration } from './integration.ts'
import type { Backend } from './integration.ts'
import type { Stage } from './stages.ts'
import { routeOf, selectRoute } from './web-socket-api.ts'

/** Gives a message to the route that it selects, and its client what the route answers or how it failed. */
export async function handleMessage(
  text: string,
  {
    connection,
    stage,
    backend,
  }: {
    readonly connection: Connection
    readonly stage: Stage
    readonly backend: Backend
  },
): Promise<void> {
  const { context } = connection
  const requestId = newId()
  const fail = (message: string): void => {
    connection.send(JSON.stringify({ message, connectionId: context.connectionId, requestId }))
  }
  const route = selectRoute(stage.api, text)
  if (route === undefined) return fail('Forbidden')
  if (!stage.bucket.take()) return fail('Too Many Requests')
  const time = backend.clock.now()
  const event = messageEvent(text, { context, requestId, time, routeKey: route.key })
  const result = await callIntegration(route.integration, event, backend)
  if (result.type === 'failed') return fail('Internal server error')
  if (result.type === 'timed-out') return fail('Endpoint request timed out')
  const { body = '' } = result.response
  if (route.responds && body.length > 0) connection.send(body)
}

/** Tells the route `$disconnect`, if there is one, that a connection is closed. */
export async function tellDisconnect(
  close: Close,
  {
    context,
    stage,
    backend,
  }: {
    readonly context: ConnectionContext
    readonly stage: Stage
    readonly backend: Backend
  },
): Promise<void> {
  const route = routeOf(stage.api, '$disconnect')
  if (route === undefined) return
  const event = disconnectEvent(close, { context, requestId: newId(), time: backend.clock.now() })
  await callIntegration(route.integration, event, backend)
}
