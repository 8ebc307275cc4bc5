import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import * as z from 'zod'

import { PATHS } from './trace.ts'

const simulatedSchema = z.object({
  seed: z.number(),
  failure: z.string().optional(),
  reached: z.map(z.enum(PATHS), z.number()),
  digest: z.string(),
  records: z.number(),
  ms: z.number(),
})

export type Result = z.infer<typeof simulatedSchema>

/** Runs seeds one after the other from the first on, on all cores, as long as `goesOn` says so; `take` is given what each came to. */
export async function runSeeds(
  first: number,
  goesOn: () => boolean,
  take: (result: Result) => void,
): Promise<void> {
  let next = first
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      let worker = start()
      while (goesOn()) {
        const seed = next++
        try {
          take(await runIn(worker, seed))
        } catch (error) {
          // A promise that nobody awaits has ended the thread.
          take(failed(seed, error))
          await worker.terminate()
          worker = start()
        }
      }
      await worker.terminate()
    }),
  )
}

function start(): Worker {
  return new Worker(new URL('worker.ts', import.meta.url))
}

async function runIn(worker: Worker, seed: number): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  worker.once('message', resolve)
  worker.once('error', reject)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  worker.postMessage(seed)
  const message = await promise
  worker.off('error', reject)
  return simulatedSchema.parse(message)
}

function failed(seed: number, error: unknown): Result {
  const failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { seed, failure, reached: new Map(), digest: '', records: 0, ms: 0 }
}
