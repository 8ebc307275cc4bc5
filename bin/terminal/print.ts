import { printable, printableLines } from './printable.ts'

/** Prints a line on standard output. JSON stays the same value: what is harmful in it becomes an escape of JSON. */
export function printLine(text: string): void {
  process.stdout.write(`${printable(text)}\n`)
}

/** Prints text of several lines on standard output, as it is but for what is harmful. */
export function printText(text: string): void {
  process.stdout.write(printableLines(text))
}

/**
 * Does so once whoever reads has room for it: what a process has not written when it ends is lost.
 *
 * @throws Error with the code EPIPE when nobody reads any more
 */
export async function printWhole(text: string): Promise<void> {
  // Of the stream itself it would end the process.
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => {})
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(printableLines(text), (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

/** Prints a line on standard error. */
export function warnLine(text: string): void {
  process.stderr.write(`${printable(text)}\n`)
}

/** Makes the terminal of standard output empty; does nothing where there is none. */
export function clearTerminal(): void {
  if (process.stdout.isTTY) process.stdout.write('\u001b[2J\u001b[H')
}
