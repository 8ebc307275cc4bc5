import { closeSync, openSync, writeSync } from 'node:fs'

import type { HistoryEvent } from './history.ts'

/** Unix milliseconds of a clock that does not jump, to the microsecond. */
export function observedAt(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000
}

/** Keeps what is seen, in the order in which it happens. */
export class Recorder {
  readonly events: HistoryEvent[] = []
  readonly #file: number | undefined

  /** @param file where each event becomes a line of JSON as it happens; undefined: nowhere */
  constructor(file?: string) {
    this.#file = file === undefined ? undefined : openSync(file, 'w', 0o600)
  }

  note(event: HistoryEvent): void {
    this.events.push(event)
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(event)}\n`)
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
  }
}
