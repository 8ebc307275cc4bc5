import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { createAuthorizers } from '../api-gateway/authorizer.ts'
import type { ApiKeys } from '../api-gateway/api-keys.ts'
import type { HttpHandler, HttpResponse } from '../../http/message.ts'
import { openConnection } from './connection.ts'
import type { Connection } from './connection.ts'
import { admit } from './handshake.ts'
import type { Account, Admission } from './handshake.ts'
import type { Backend } from './integration.ts'
import { limits } from './limits.ts'
import { isManagementPath, manageConnection } from './management-api.ts'
import { handleMessage, tellDisconnect } from './routes.ts'
import { createStages } from './stages.ts'
import type { Stage, Stages } from './stages.ts'

/** WebSocket APIs with Lambda proxy integrations, and the connections of their clients. */
export type WebSocketApis = {
  readonly stages: Stages
  /** Answers what a backend asks of connections. */
  readonly handle: HttpHandler
  /** Takes a client that wants to connect. */
  readonly upgrade: (request: IncomingMessage, stream: Duplex, head: Buffer) => void
  /** Closes all connections and waits for what their routes still do. */
  readonly stop: () => Promise<void>
}

type Admitted = Extract<Admission, { type: 'admitted' }> & { readonly stage: Stage }

/** @param options `keys`: those that `$connect` can require */
export function openWebSocketApis({
  keys,
  account,
  ...options
}: Omit<Backend, 'routeArn'> & { readonly keys: ApiKeys; readonly account: Account }): WebSocketApis {
  const { region, accountId } = account
  const backend: Backend = {
    ...options,
    routeArn: ({ api, name }, routeKey) =>
      `arn:aws:execute-api:${region}:${accountId}:${api.id}/${name}/${routeKey}`,
  }
  const authorizers = createAuthorizers({ invoke: backend.invoke, now: backend.clock.now })
  const stages = createStages(backend.clock.now)
  const connections = new Map<string, Connection>()
  const tasks = createTasks()
  let stopping = false

  const decide = async (request: IncomingMessage): Promise<Decision> => {
    const found = stages.find(request.url ?? '')
    if (stopping) return { type: 'refused', status: 503, body: '{"message":"Service Unavailable"}' }
    if (found?.path !== '/') return { type: 'refused', status: 403, body: '{"message":"Forbidden"}' }
    const { stage } = found
    const admission = await admit(request, { stage, keys, account, authorizers, backend })
    return admission.type === 'admitted' ? { ...admission, stage } : admission
  }

  const serve = (socket: WebSocket, stream: Duplex, { context, stage }: Admitted): void => {
    const connection: Connection = openConnection(socket, {
      stream,
      context,
      clock: backend.clock,
      onMessage: (text) => tasks.run(handleMessage(text, { connection, stage, backend })),
    })
    connections.set(context.connectionId, connection)
    const end = async (): Promise<void> => {
      const close = await connection.closed
      connections.delete(context.connectionId)
      await tellDisconnect(close, { context, stage, backend })
    }
    void tasks.run(end())
  }

  const admitted = new WeakMap<IncomingMessage, Admitted>()
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.messageBytes,
    handleProtocols: (_offered, request) => admitted.get(request)?.subprotocol ?? false,
    verifyClient: ({ req: request }, respond) => {
      const verify = async (): Promise<void> => {
        const decision = await decide(request)
        if (decision.type === 'refused')
          return respond(false, decision.status, decision.body, { 'Content-Type': 'application/json' })
        admitted.set(request, decision)
        respond(true)
        // Who went away while $connect ran never opens.
        if (!connections.has(decision.context.connectionId))
          await tellDisconnect({ code: 1006, reason: '' }, { ...decision, backend })
      }
      void tasks.run(verify())
    },
  })

  return {
    stages,
    handle: (request) => {
      const found = stages.find(request.path)
      if (found === undefined) return message(403, 'Forbidden')
      if (!isManagementPath(found.path)) return message(426, 'Upgrade Required')
      return manageConnection(request, found.path, (id) => {
        const connection = connections.get(id)
        const { apiId, stage } = connection?.context ?? {}
        const isHere = apiId === found.stage.api.id && stage === found.stage.name
        return isHere && connection?.isOpen() === true ? connection : undefined
      })
    },
    upgrade: (request, stream, head) =>
      server.handleUpgrade(request, stream, head, (socket) => {
        const decision = admitted.get(request)
        if (decision !== undefined) serve(socket, stream, decision)
      }),
    stop: async () => {
      stopping = true
      await tasks.settle(() => {
        for (const connection of connections.values()) connection.close(1001, 'Going away')
      })
    },
  }
}

type Decision = Admitted | Extract<Admission, { type: 'refused' }>

/** What is under way. */
function createTasks() {
  const running = new Set<Promise<unknown>>()
  return {
    run: <Result>(task: Promise<Result>): Promise<Result> => {
      const tracked = task.finally(() => running.delete(tracked))
      running.add(tracked)
      return tracked
    },
    /** Waits until nothing is; calls `urge` first and whenever something has ended. */
    settle: async (urge: () => void): Promise<void> => {
      for (urge(); running.size > 0; urge()) await Promise.race(running)
    },
  }
}

function message(status: number, text: string): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: text }),
  }
}
