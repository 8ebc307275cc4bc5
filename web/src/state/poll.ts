import { signal, type Signal } from '@preact/signals'

import { messageOf, SignedOutError } from '../api/request.ts'
import { endSession } from './session.ts'

/** An answer that is read again and again, and how old it is. */
export type Polled<Answer> = {
  readonly answer: Answer | undefined
  /** Unix milliseconds of the last answer. */
  readonly at: number | undefined
  /** Why the last request had no answer; undefined where it had. */
  readonly fault: string | undefined
}

/** A signal of an answer that is read while something needs it. */
export class Poll<Answer> {
  readonly state: Signal<Polled<Answer>> = signal({ answer: undefined, at: undefined, fault: undefined })
  readonly #read: () => Promise<Answer>
  readonly #everyMs: () => number
  #timer: ReturnType<typeof setTimeout> | undefined
  #users = 0
  #round = 0

  constructor(read: () => Promise<Answer>, everyMs: number | (() => number)) {
    this.#read = read
    this.#everyMs = typeof everyMs === 'number' ? () => everyMs : everyMs
  }

  /** Reads until the function that is returned is called. */
  use(): () => void {
    this.#users++
    if (this.#users === 1) void this.refresh()
    return () => {
      this.#users--
      if (this.#users === 0) clearTimeout(this.#timer)
    }
  }

  /** Reads now, if something needs it. */
  async refreshIfUsed(): Promise<void> {
    if (this.#users > 0) await this.refresh()
  }

  /** Reads now. */
  async refresh(): Promise<void> {
    const round = ++this.#round
    clearTimeout(this.#timer)
    try {
      const answer = await this.#read()
      if (round === this.#round) this.state.value = { answer, at: Date.now(), fault: undefined }
    } catch (error) {
      if (error instanceof SignedOutError) endSession()
      if (round === this.#round) this.state.value = { ...this.state.value, fault: messageOf(error) }
    }
    if (round === this.#round && this.#users > 0)
      this.#timer = setTimeout(() => void this.refresh(), this.#everyMs())
  }
}
