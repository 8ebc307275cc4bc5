/** Milliseconds without an invocation after which a worker is idle. */
const idleMs = 10_000

/**
 * Gives memory back when a worker becomes idle, and after its first invocation, when what loading left is garbage: V8 by itself
 * looks for garbage once there is much more. Compiled code stays, which the next invocation would have to wait for. Does nothing unless the process was started with `--expose-gc`; the
 * function does not get `gc`.
 */
export function collectWhenIdle(): { readonly begin: () => void; readonly end: () => void } {
  const collect = globalThis.gc
  if (collect === undefined) return { begin: () => undefined, end: () => undefined }
  globalThis.gc = undefined
  const all = (): void => collect({ type: 'major', flavor: 'regular', execution: 'sync' })
  let isFirst = true
  let isRunning = false
  const timer = setTimeout(() => {
    if (!isRunning) all()
  }, idleMs).unref()
  return {
    begin: () => {
      isRunning = true
    },
    end: () => {
      isRunning = false
      // Rescheduled rather than made anew: a busy worker does this for each batch.
      timer.refresh()
      if (isFirst) setImmediate(all)
      isFirst = false
    },
  }
}
