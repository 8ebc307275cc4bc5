/** Aborts at the first Ctrl-C (or SIGTERM), and ends the process at the second. */
export function onInterrupt(tell: () => void): AbortSignal {
  const controller = new AbortController()
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130)
    tell()
    controller.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return controller.signal
}
