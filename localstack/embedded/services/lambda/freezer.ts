import { setImmediate } from 'node:timers/promises'

/** Stops a worker thread while it has nothing to do: no timer fires and no socket is read until the next invocation. */
export type Freezer = {
  /** The function is loaded. */
  readonly loaded: () => void
  /** An invocation has been answered. */
  readonly answered: () => void
}

/** @param invocations how many the host has sent; undefined: the thread never stops */
export function createFreezer(invocations: SharedArrayBuffer | undefined): Freezer {
  if (invocations === undefined) return { loaded: () => undefined, answered: () => undefined }
  const sent = new Int32Array(invocations)
  let answered = 0
  const freeze = async (): Promise<void> => {
    const upTo = answered
    // What is printed goes through the host, which would wait for it.
    while (process.stdout.writableLength + process.stderr.writableLength > 0) await setImmediate()
    // Returns at once where the next invocation is on its way.
    if (upTo === answered) Atomics.wait(sent, 0, upTo)
  }
  return {
    loaded: () => void freeze(),
    answered: () => {
      answered += 1
      void freeze()
    },
  }
}
