import { setTimeout as wait } from 'node:timers/promises'
import { standardLimits } from './limits.ts'
import type { Incoming } from './message.ts'

/** How long what is refused may go on arriving, so that its client can read why; then the connection ends. */
const lingerMs = 1000

/** Why there is no body. */
export type BodyFailure = 'too-large' | 'too-late'

/**
 * Reads a body as a whole, or no more of it than `maxBytes`; rejects if the client goes away.
 *
 * @param onWanted called unless the body is refused before it is sent
 */
export async function readBody(
  incoming: Incoming,
  maxBytes: number,
  onWanted: () => void,
): Promise<Buffer | BodyFailure> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) return 'too-large'
  onWanted()
  const late = Promise.withResolvers<'too-late'>()
  const timer = setTimeout(() => late.resolve('too-late'), standardLimits.bodyMs).unref()
  try {
    return await Promise.race([collected(incoming, maxBytes), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

async function collected(incoming: Incoming, maxBytes: number): Promise<Buffer | 'too-large'> {
  const chunks: Buffer[] = []
  let bytes = 0
  // By itself the loop would destroy the connection, and with it the answer.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > maxBytes) return 'too-large'
    chunks.push(part)
  }
  return Buffer.concat(chunks, bytes)
}

/** Discards what still arrives of a request that has its answer, for a moment. */
export async function discardRest(incoming: Incoming): Promise<void> {
  if (incoming.complete) return
  incoming.on('error', () => undefined)
  incoming.resume()
  await wait(lingerMs, undefined, { ref: false })
  if (!incoming.complete) incoming.destroy()
}
