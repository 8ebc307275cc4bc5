import type { FunctionLogLine } from 'embedded-aws'
import { openRotatingLog } from '../terminal/rotating-log.ts'
import { printable } from '../terminal/printable.ts'
import { count, type Screen } from '../terminal/screen.ts'
import type { FigureReader } from './figures.ts'

/** In the data folder. */
export const LOG_FILE = 'functions.log'

/** Errors of a function that the screen shows within a window; the others are counted when it ends. */
const SHOWN = 5
const WINDOW_MS = 10_000
/** Characters of an error on the screen. */
const SHOWN_LENGTH = 300

type LogOptions = { readonly figures: FigureReader; readonly screen: Pick<Screen, 'print'> }

/** Takes what the functions print: metrics go to the figures, all else to the log file, and errors to the screen as well. */
export function logFunctions(file: string, { figures, screen }: LogOptions): (line: FunctionLogLine) => void {
  const write = openRotatingLog(file)
  const show = errorShower(screen)
  let shown = ''
  return ({ functionName, stream, text }) => {
    if (figures.read(text)) return
    const line = printable(`${functionName} ${text}`)
    write(line)
    const isOfFunction = stream === 'stdout' || stream === 'stderr'
    const isError = isOfFunction ? /"level":"(ERROR|CRITICAL)"/.test(text) : text.startsWith('error ')
    // The mapping repeats its error each time that it tries again.
    if (!isError || (stream === 'mapping' && line === shown)) return
    shown = line
    show(functionName, text)
  }
}

/** A function that fails for each of many clients or records must not fill the screen. */
function errorShower(screen: Pick<Screen, 'print'>): (functionName: string, text: string) => void {
  const errors = new Map<string, number>()
  const end = (functionName: string): void => {
    const more = (errors.get(functionName) ?? 0) - SHOWN
    errors.delete(functionName)
    if (more > 0)
      screen.print(
        `${functionName}: ${count(more)} more errors within ${WINDOW_MS / 1000} s; all are in ${LOG_FILE}`,
      )
  }
  return (functionName, text) => {
    const before = errors.get(functionName) ?? 0
    errors.set(functionName, before + 1)
    if (before === 0) setTimeout(end, WINDOW_MS, functionName).unref()
    if (before < SHOWN) screen.print(`${functionName}: ${text.slice(0, SHOWN_LENGTH)}`)
  }
}
