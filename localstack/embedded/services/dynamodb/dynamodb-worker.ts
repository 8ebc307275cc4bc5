import { once } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingHttpHeaders, Server } from 'node:http'
import { Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import dynalite from 'dynalite'
import { closeIterators } from './closing-iterators.ts'

/** Runs in a worker thread: answers requests for the tables of a folder until the host asks it to stop. */
export type DynamodbWorkerData = { readonly folder: string }

export type DynamodbRequest = {
  readonly id: number
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
}

export type DynamodbReply = {
  readonly id: number
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A response that is kept instead of sent. */
class KeptResponse extends ServerResponse {
  readonly #keep: (response: ServerResponse, body: string) => void

  constructor(request: IncomingMessage, keep: (response: ServerResponse, body: string) => void) {
    super(request)
    this.#keep = keep
  }

  override end(body?: unknown): this {
    this.#keep(this, typeof body === 'string' ? body : '')
    return this
  }
}

/** dynalite is a server, which need not listen to answer. */
function handle(server: Server, { id, method, headers, body }: DynamodbRequest): Promise<DynamodbReply> {
  const request = new IncomingMessage(new Socket())
  // With an origin, dynalite would allow every web page to read the answer.
  const { origin: _, ...others } = headers
  Object.assign(request, { method, url: '/', headers: others })
  request.push(body)
  request.push(null)
  return new Promise((resolve) => {
    const response = new KeptResponse(request, ({ statusCode }, text) => {
      const given = Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)])
      resolve({ id, status: statusCode, headers: Object.fromEntries(given), body: text })
    })
    server.emit('request', request, response)
  })
}

/** dynalite closes its database only with a server that listens. */
async function close(server: Server): Promise<void> {
  server.removeAllListeners('request')
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  await new Promise((resolve) => {
    server.close(resolve)
  })
}

function main({ folder }: DynamodbWorkerData): void {
  closeIterators()
  const server = dynalite({ path: folder, createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 })
  parentPort?.on('message', (message: DynamodbRequest | 'stop') => {
    if (message === 'stop') void close(server).then(() => process.exit(0))
    else void handle(server, message).then(reply)
  })
}

function reply(message: DynamodbReply): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message)
}

main(workerData)
