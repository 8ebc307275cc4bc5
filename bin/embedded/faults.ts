import type { FunctionLogLine } from 'embedded-aws'

import { isDiskFull } from '../terminal/disk-full.ts'

/** Characters of an error that its report repeats. */
const SHOWN = 300

/** What the parts of a deployment fail of, for whoever waits for them. */
export class Faults {
  #last: string | undefined
  #isFull = false
  readonly #full = Promise.withResolvers<never>()

  constructor() {
    // Nobody may be waiting.
    this.#full.promise.catch(() => {})
  }

  /** The last error of a function, in words; undefined where none has failed. */
  get last(): string | undefined {
    return this.#last
  }

  /** Rejects once the disk is full: nothing moves any more, however often it is tried. */
  get diskFull(): Promise<never> {
    return this.#full.promise
  }

  /** Takes a line that a function has logged. */
  noteLog({ functionName, text }: Pick<FunctionLogLine, 'functionName' | 'text'>): void {
    if (!/"level":"(ERROR|CRITICAL)"/.test(text)) return
    const messages = messagesIn(text)
    this.#last = `${functionName}: ${messages.at(-1) ?? text}`.slice(0, SHOWN)
    for (const message of messages) this.note(message)
  }

  /** Takes a line of the log of Postgres, or why a stream takes nothing. */
  note(text: string): void {
    if (this.#isFull || !isDiskFull(text)) return
    this.#isFull = true
    this.#full.reject(new Error(text.slice(0, SHOWN)))
  }
}

/** The texts under `message` in a line of JSON, the innermost last. */
function messagesIn(text: string): string[] {
  const found: string[] = []
  try {
    JSON.parse(text, (key, value: unknown) => {
      if (/message/i.test(key) && typeof value === 'string') found.push(value)
      return value
    })
  } catch {
    return [text]
  }
  return found
}
