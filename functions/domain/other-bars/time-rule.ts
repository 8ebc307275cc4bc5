import type { Cut, Rule, SidedTrades } from './rule.ts'

const DAY_SECONDS = 86_400

/** Bars of so many seconds from midnight, UTC; the last of a day is shorter where they do not divide it. */
export class TimeRule implements Rule {
  readonly #seconds: number
  #start: number | undefined

  constructor(seconds: number) {
    this.#seconds = seconds
  }

  get label(): number | undefined {
    return this.#start
  }

  cut({ trades }: SidedTrades, from: number): Cut {
    const { seconds } = trades.columns
    this.#start ??= startOf(seconds[from] ?? 0, this.#seconds)
    const midnight = startOf(this.#start, DAY_SECONDS) + DAY_SECONDS
    const end = Math.min(this.#start + this.#seconds, midnight)
    let to = from
    while (to < trades.to && (seconds[to] ?? 0) < end) to++
    return { to, isClosing: to < trades.to }
  }

  restart(): void {
    this.#start = undefined
  }
}

function startOf(seconds: number, length: number): number {
  const midnight = Math.floor(seconds / DAY_SECONDS) * DAY_SECONDS
  return midnight + Math.floor((seconds - midnight) / length) * length
}
