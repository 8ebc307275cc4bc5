/** Milliseconds that a client may take to receive a message, at each attempt. */
export type PatienceLimits = {
  /** Where others receive in less than a quarter of it. */
  readonly least: number
  /** Where nobody has received anything meanwhile: that is no fault of the client. */
  readonly alone: number
  readonly most: number
}

const PATIENCE: PatienceLimits = { least: 1000, alone: 3000, most: 5000 }
/** For what is out of date by the next second. */
export const LIVE_PATIENCE: PatienceLimits = { least: 1000, alone: 1000, most: 1000 }

/** A client that takes so many times as long as the slowest of the others is slow by itself. */
const TIMES_AS_LONG = 4
/** The posts that were answered last. */
const REMEMBERED = 50

/**
 * Tells a client that does not receive from a machine, or an API Gateway, that is slow for all: by what others take at the same
 * time. Clients that never receive do not count, so however many there are, they wait no longer.
 */
export class Patience {
  /** Posts that were answered. */
  answers = 0
  readonly #limits: PatienceLimits
  /** Milliseconds that the last of them took. */
  readonly #took: number[] = []

  constructor(limits = PATIENCE) {
    this.#limits = limits
  }

  /** Milliseconds that an attempt may take now. */
  get limitMs(): number {
    const { least, most } = this.#limits
    return Math.min(most, Math.max(least, TIMES_AS_LONG * Math.max(0, ...this.#took)))
  }

  /** @param ms how long it took at one attempt; undefined when it took more attempts */
  answered(ms: number | undefined): void {
    this.answers++
    if (ms !== undefined) this.#took.push(ms)
    if (this.#took.length > REMEMBERED) this.#took.shift()
  }

  /**
   * Milliseconds for another try of a post that was not answered in time; undefined when its client is to blame.
   *
   * @param tried.limitMs what the last try allowed
   * @param tried.answers as of its beginning
   */
  again(tried: { readonly limitMs: number; readonly answers: number }): number | undefined {
    const limit = this.answers === tried.answers ? Math.max(this.limitMs, this.#limits.alone) : this.limitMs
    return limit > tried.limitMs ? limit : undefined
  }
}
