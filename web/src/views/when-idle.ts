/** So long a browser that is never idle puts it off, and one that cannot tell waits. */
const AT_LATEST_MS = 1000
const ANYHOW_MS = 50

/** Runs work once the browser has nothing more urgent to do; the function that is returned cancels it. */
export function whenIdle(work: (isCancelled: () => boolean) => Promise<void>): () => void {
  let isOver = false
  const start = (): void => {
    if (!isOver) void work(() => isOver)
  }
  if ('requestIdleCallback' in window) window.requestIdleCallback(start, { timeout: AT_LATEST_MS })
  else setTimeout(start, ANYHOW_MS)
  return () => {
    isOver = true
  }
}
