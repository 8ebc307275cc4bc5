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
    const start = (this.#start ??= startOf(seconds[from] ?? 0, this.#seconds))
    const end = this.#endOf(start)
    let to = from
    while (to < trades.to && (seconds[to] ?? 0) < end) to++
    return { to, isClosing: to < trades.to }
  }

  isOver(seconds: number): boolean {
    return this.#start !== undefined && this.#endOf(this.#start) <= seconds
  }

  restart(): void {
    this.#start = undefined
  }

  #endOf(start: number): number {
    return Math.min(start + this.#seconds, startOf(start, DAY_SECONDS) + DAY_SECONDS)
  }
}

function startOf(seconds: number, length: number): number {
  const midnight = Math.floor(seconds / DAY_SECONDS) * DAY_SECONDS
  return midnight + Math.floor((seconds - midnight) / length) * length
}
