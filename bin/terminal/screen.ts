import { printable } from './printable.ts'

/** A status line that is rewritten on a terminal, or printed every few seconds where there is none; and lines that stay. */
export type Screen = {
  /** Characters that fit on a line; Infinity where there is no terminal. */
  readonly width: number
  /** Rewrites the status line. */
  status(text: string): void
  /** Writes a line that stays, or several. */
  print(text: string | readonly string[]): void
  /** Ends the status line. */
  end(): void
}

/** What a screen needs of a stream. */
type Output = {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const PLAIN_EVERY_MS = 10_000

/** @param now the wall clock, in milliseconds */
export function openScreen(output: Output = process.stdout, now: () => number = Date.now): Screen {
  let shown = ''
  let printedAt = -Infinity
  const clear = (): void => {
    if (output.isTTY === true && shown !== '') output.write('\r\u001b[2K')
  }
  const width = (): number => (output.isTTY === true ? (output.columns ?? 80) - 1 : Infinity)
  return {
    get width() {
      return width()
    },
    status: (text) => {
      if (output.isTTY === true) {
        clear()
        shown = printable(text).slice(0, width())
        output.write(shown)
      } else if (kindOf(text) !== kindOf(shown) || now() - printedAt >= PLAIN_EVERY_MS) {
        shown = text
        printedAt = now()
        output.write(`${printable(text)}\n`)
      }
    },
    // Symbols, sources and whole records are others' text, and reach it within messages.
    print: (text) => {
      clear()
      for (const line of [text].flat()) output.write(`${printable(line)}\n`)
      if (output.isTTY === true) output.write(shown)
    },
    end: () => {
      if (output.isTTY === true && shown !== '') output.write('\n')
      shown = ''
    },
  }
}

/** A status that begins with another word is about something else, and is printed at once. */
function kindOf(text: string): string {
  return /^[a-z]*/i.exec(text)?.[0] ?? ''
}

/** A whole number with commas. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
