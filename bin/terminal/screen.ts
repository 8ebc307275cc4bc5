/** One line that is written over on a terminal, and plain lines, now and then, where there is none. */
export type Screen = {
  /** Characters that a status line may have; any number where there is no terminal. */
  readonly width: number
  /** Shows what is going on now. */
  status(text: string): void
  /** Writes a line that stays. */
  print(text: string): void
  /** Ends the status line. */
  end(): void
}

const PLAIN_EVERY_MS = 10_000

/** @param now the wall clock, in milliseconds */
export function openScreen(
  output: NodeJS.WriteStream = process.stdout,
  now: () => number = Date.now,
): Screen {
  let shown = ''
  let printedAt = -Infinity
  const clear = (): void => {
    if (output.isTTY && shown !== '') output.write('\r\u001b[2K')
  }
  const width = (): number => (output.isTTY ? (output.columns ?? 80) - 1 : Infinity)
  return {
    get width() {
      return width()
    },
    status: (text) => {
      if (output.isTTY) {
        clear()
        shown = text.slice(0, width())
        output.write(shown)
      } else if (kindOf(text) !== kindOf(shown) || now() - printedAt >= PLAIN_EVERY_MS) {
        shown = text
        printedAt = now()
        output.write(`${text}\n`)
      }
    },
    print: (text) => {
      clear()
      output.write(`${text}\n`)
      if (output.isTTY) output.write(shown)
    },
    end: () => {
      if (output.isTTY && shown !== '') output.write('\n')
      shown = ''
    },
  }
}

/** A status that begins with another word tells of another thing and is printed at once. */
function kindOf(text: string): string {
  return /^[a-z]*/i.exec(text)?.[0] ?? ''
}

/** A whole number with commas. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
