import type { Random } from '../../../feed/random.ts'
import type { PutRecord } from '../../../feed/kinesis-port.ts'
import { formatDecimal } from '../../../functions/domain/decimal.ts'
import type { Trade } from '../../../functions/domain/trade.ts'
import type { Put } from './outside/history.ts'

/** A share of trades is put late, by up to so many seconds of their time: less than the allowed lateness, so that bars are revised. */
const LATE_SHARE = 0.05
const LATE_SECONDS = 90

export type MarketOptions = {
  readonly symbols: readonly string[]
  /** Unix seconds of the first trade. */
  readonly begin: number
  /** Seconds of the trades' own time in a round. */
  readonly roundSeconds: number
  /** Trades of a symbol in a round, at least and at most. */
  readonly trades: readonly [number, number]
}

/** A record, and the trades in it. */
export type MadeRecord = {
  readonly symbol: string
  readonly trades: readonly Trade[]
  readonly record: PutRecord
}

type Held = { readonly trade: Trade; readonly round: number }

/** Makes the trades of a market, by rounds: every second symbol numbers them, on a line without a gap. */
export class ChaosMarket {
  readonly #options: MarketOptions
  readonly #random: Random
  readonly #held = new Map<string, Held[]>()
  readonly #ids = new Map<string, number>()
  #round = 0

  constructor(options: MarketOptions, random: Random) {
    this.#options = options
    this.#random = random
  }

  /** A record of each symbol: the trades of the next round but those that are late, and late ones of rounds before. */
  nextRound(): MadeRecord[] {
    this.#round++
    return this.#options.symbols.flatMap((symbol, index) => {
      const held = this.#held.get(symbol) ?? []
      const due = held.filter(({ round }) => round <= this.#round)
      const left = held.filter(({ round }) => round > this.#round)
      const inTime: Trade[] = []
      for (const trade of this.#make(symbol, index)) {
        // What a line did not send before its first trade is not known to be missing.
        const isLate = this.#round > 1 && this.#random() < LATE_SHARE
        if (isLate) left.push({ trade, round: this.#round + 1 + this.#roundsLate() })
        else inTime.push(trade)
      }
      this.#held.set(symbol, left)
      const late = due.map(({ trade }) => trade)
      return this.#recordOf(symbol, this.#random() < 0.5 ? [...late, ...inTime] : [...inTime, ...late])
    })
  }

  /** Records of what is held back still. */
  lastRound(): MadeRecord[] {
    this.#round++
    return this.#options.symbols.flatMap((symbol) => {
      const late = (this.#held.get(symbol) ?? []).map(({ trade }) => trade)
      this.#held.delete(symbol)
      return this.#recordOf(symbol, late)
    })
  }

  #roundsLate(): number {
    const most = Math.floor(LATE_SECONDS / this.#options.roundSeconds)
    return Math.floor(this.#random() * most)
  }

  #make(symbol: string, index: number): Trade[] {
    const { begin, roundSeconds, trades: most } = this.#options
    const second = begin + (this.#round - 1) * roundSeconds
    const count = most[0] + Math.floor(this.#random() * (most[1] - most[0] + 1))
    const times = Array.from({ length: count }, () => Math.floor(this.#random() * roundSeconds * 1000))
    return times
      .toSorted((one, other) => one - other)
      .map((milliseconds) => ({
        seconds: second + Math.floor(milliseconds / 1000),
        nanos: (milliseconds % 1000) * 1_000_000,
        price: { units: 10_000 + Math.floor(this.#random() * 5000), scale: 2 },
        volume: { units: Math.floor(this.#random() * 1_000_000), scale: 4 },
        ...(index % 2 === 0 && { id: this.#nextId(symbol) }),
      }))
  }

  #nextId(symbol: string): number {
    const id = (this.#ids.get(symbol) ?? 0) + 1
    this.#ids.set(symbol, id)
    return id
  }

  #recordOf(symbol: string, trades: readonly Trade[]): MadeRecord[] {
    if (trades.length === 0) return []
    const hasIds = trades.some(({ id }) => id !== undefined)
    const line = hasIds ? { line: 'chaos', contiguous: true } : {}
    const text = JSON.stringify({
      symbol,
      source: 'chaos',
      sequence: this.#round,
      ...line,
      ticks: columnsOf(trades),
    })
    return [{ symbol, trades, record: { partitionKey: symbol, data: Buffer.from(text) } }]
  }
}

/** Trades as a record and a history have them. */
export function columnsOf(trades: readonly Trade[]): Put['trades'] {
  return trades.map(({ seconds, nanos, price, volume, id }) => [
    `${seconds}.${String(nanos).padStart(9, '0')}`,
    formatDecimal(price.units, price.scale),
    formatDecimal(volume.units, volume.scale),
    ...(id === undefined ? [] : [id]),
  ])
}
