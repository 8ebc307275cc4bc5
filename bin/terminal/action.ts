import { printableLines } from './printable.ts'

type ActionOptions = {
  /** What becomes of the command's data: it decides what to do about a full disk. @default kept */
  readonly data?: 'kept' | 'thrown-away'
}

/** Makes an action of the command line of work that resolves to an exit code; an error is reported in one line. */
export function action<Given extends unknown[]>(
  work: (...given: Given) => Promise<number>,
  options: ActionOptions = {},
): (...given: Given) => Promise<void> {
  return async (...given) => {
    // A thread that dies, of a full disk for one, takes the process with it.
    process.on('uncaughtException', (error) => void fail(error, options))
    try {
      process.exitCode = await work(...given)
    } catch (error) {
      await fail(error, options)
    }
    // Sockets and timers of libraries that are done must not keep the process.
    process.exit()
  }
}

async function fail(error: unknown, options: ActionOptions): Promise<never> {
  const { failureMessage } = await import('./failure-message.ts')
  process.stderr.write(`${printableLines(failureMessage(error, options))}\n`)
  process.exit(1)
}
