import type { FunctionLogLine } from 'embedded-aws'
import { openRotatingLog } from '../terminal/rotating-log.ts'
import { printable } from '../terminal/printable.ts'
import type { Screen } from '../terminal/screen.ts'
import type { FigureReader } from './figures.ts'

/** In the data folder. */
export const LOG_FILE = 'functions.log'

/** Takes what the functions print: metrics go to the figures, all else to the log file, and errors to the screen as well. */
export function logFunctions(
  file: string,
  { figures, screen }: { readonly figures: FigureReader; readonly screen: Pick<Screen, 'print'> },
): (line: FunctionLogLine) => void {
  const write = openRotatingLog(file)
  let shown = ''
  return ({ functionName, stream, text }) => {
    if (figures.read(text)) return
    const line = printable(`${functionName} ${text}`)
    write(line)
    const isError = stream === 'mapping' ? text.startsWith('error ') : /"level":"(ERROR|CRITICAL)"/.test(text)
    // The mapping repeats its error each time that it tries again.
    if (!isError || (stream === 'mapping' && line === shown)) return
    shown = line
    screen.print(`${functionName}: ${text.slice(0, 300)}`)
  }
}
