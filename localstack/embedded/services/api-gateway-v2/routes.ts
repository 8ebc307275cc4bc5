import type { Connection } from './connection.ts'
import { disconnectEvent, messageEvent, newId } from './events.ts'
import type { Close, ConnectionContext } from './events.ts'
import { callIntegration } from './integration.ts'
import type { Backend } from './integration.ts'
import type { Handled } from './message-intake.ts'
import type { Stage } from './stages.ts'
import { routeOf, selectRoute } from './web-socket-api.ts'

/** Gives a message to the route that it selects, and its client what the route answers, or how it was refused or failed. */
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
): Promise<Handled> {
  const { context } = connection
  const requestId = newId()
  const fail = (message: string): void => {
    connection.send(JSON.stringify({ message, connectionId: context.connectionId, requestId }))
  }
  const route = selectRoute(stage.api, text)
  if (route === undefined || !stage.bucket.take()) {
    fail(route === undefined ? 'Forbidden' : 'Too Many Requests')
    return 'refused'
  }
  const time = backend.clock.now()
  const event = messageEvent(text, { context, requestId, time, routeKey: route.key })
  const result = await callIntegration(route, event, { ...backend, stage, client: context.connectionId })
  if (result.type === 'answered') {
    const { body = '' } = result.response
    if (route.responds && body.length > 0) connection.send(body)
  } else fail(result.type === 'failed' ? 'Internal server error' : 'Endpoint request timed out')
  return 'passed-on'
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
  await callIntegration(route, event, { ...backend, stage })
}
