import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import * as z from 'zod'

import type { Deployment } from './deployment.ts'

const stormSchema = z.object({
  /** Connections that were made. */
  connections: z.int(),
  refused: z.int(),
  /** Changes of subscriptions that were answered. */
  subscriptions: z.int(),
  /** Records that came meanwhile. */
  records: z.int(),
})
export type Storm = z.infer<typeof stormSchema>

const GENERATOR = fileURLToPath(new URL('./storm-generator.ts', import.meta.url))

/** Starts clients of the WebSocket API that connect, subscribe and leave without a pause; what they did, once it is stopped. */
export function startStorm(
  { webSocketUrl = '', api }: Pick<Deployment, 'webSocketUrl' | 'api'>,
  given: { readonly clients: number; readonly symbols: readonly string[] },
): { stop(): Promise<Storm> } {
  const generator = fork(GENERATOR, [webSocketUrl, JSON.stringify(given)], {
    env: { ...process.env, TICKSTOCK_API_KEY: api.key },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(generator, 'message')
  ended.catch(() => undefined)
  return {
    stop: async () => {
      generator.send('stop')
      const left = once(generator, 'exit').then(([code]) => {
        throw new Error(`the process of the clients ended with ${String(code)}`)
      })
      left.catch(() => undefined)
      const [message] = await Promise.race([ended, left])
      return stormSchema.parse(message)
    },
  }
}
