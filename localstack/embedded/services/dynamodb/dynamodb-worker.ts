import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import dynalite from 'dynalite'
import { closeIterators } from './closing-iterators.ts'

/** Runs in a worker thread: serves the tables of a folder until the host asks it to stop. */
export type DynamodbWorkerData = { readonly folder: string; readonly host: string }

function post(message: unknown): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message)
}

async function main({ folder, host }: DynamodbWorkerData): Promise<void> {
  closeIterators()
  const server = dynalite({ path: folder, createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 })
  server.keepAliveTimeout = 0
  server.listen(0, host)
  await once(server, 'listening')
  parentPort?.once('message', () => {
    server.close(() => process.exit(0))
    server.closeAllConnections()
  })
  post(server.address())
}

await main(workerData)
