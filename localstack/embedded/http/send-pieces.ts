import type { Outgoing } from './message.ts'

/**
 * Sends a body piece by piece, as fast as the client takes it. When the client has gone, no more is made; when a piece cannot be
 * made, the client sees that the body is not whole.
 */
export async function sendPieces(outgoing: Outgoing, pieces: AsyncIterable<Buffer>): Promise<void> {
  let hasGone = false
  const gone = (): void => {
    hasGone = true
  }
  outgoing.once('close', gone)
  try {
    for await (const piece of pieces) {
      if (hasGone) return
      if (!outgoing.write(piece)) await drained(outgoing)
    }
    outgoing.end('')
  } catch {
    outgoing.destroy()
  } finally {
    outgoing.off('close', gone)
  }
}

/** Resolves when there is room for more, or the client has gone. */
function drained(outgoing: Outgoing): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done)
      outgoing.off('close', done)
      resolve()
    }
    outgoing.once('drain', done)
    outgoing.once('close', done)
  })
}
