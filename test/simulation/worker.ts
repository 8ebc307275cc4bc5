import { parentPort } from 'node:worker_threads'
import * as z from 'zod'

import { simulate } from './simulate.ts'

/** Runs the seeds that it is sent, one after the other. */
parentPort?.on('message', (message: unknown) => {
  const seed = z.number().parse(message)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void simulate(seed).then((simulated) => parentPort?.postMessage(simulated))
})
