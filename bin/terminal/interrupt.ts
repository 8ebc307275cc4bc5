/**
 * npm passes on the Ctrl-C that the terminal has sent already, to the command itself where the shell has become it: below npm,
 * two of a kind within this time are one.
 */
const ECHO_MS = process.env['npm_lifecycle_event'] === undefined ? 0 : 300

/** Aborts at the first Ctrl-C (or SIGTERM), and ends the process at the second. */
export function onInterrupt(onFirst: () => void): AbortSignal {
  const controller = new AbortController()
  const last = new Map<string, number>()
  const interrupt = (name: NodeJS.Signals): void => {
    const now = performance.now()
    const isEcho = now - (last.get(name) ?? -Infinity) < ECHO_MS
    last.set(name, now)
    if (isEcho) return
    if (controller.signal.aborted) process.exit(130)
    onFirst()
    controller.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  // Ctrl-Break, on Windows only.
  process.on('SIGBREAK', interrupt)
  return controller.signal
}
