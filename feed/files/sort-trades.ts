import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { encodeItem, type Item, type PlacedTrade, readRun } from './sorted-run.ts'

/** Trades held in memory at a time; what is more is sorted on disk. */
const MAX_HELD = 300_000
const ROWS_PER_WRITE = 5000

/** Which way the times of a file run. */
type Direction = { ups: number; downs: number; readonly latest: Map<string, Item>; count: number }

/**
 * Brings trades into the order of their time, in bounded memory: what does not fit is written to a folder in sorted runs, which
 * are merged. Trades of one moment come by the number of their format, then by file and by their place in it, from the end
 * where the file has its newest trades first.
 */
export class TradeSorter {
  readonly #folder: string
  readonly #maxHeld: number
  readonly #files = new Map<number, Direction>()
  readonly #runs: string[] = []
  #held: Item[] = []
  #isSorted = true

  /** @param options.folder exists and takes what does not fit; whoever made it removes it */
  constructor({ folder, maxHeld = MAX_HELD }: { readonly folder: string; readonly maxHeld?: number }) {
    this.#folder = folder
    this.#maxHeld = maxHeld
  }

  add(trade: PlacedTrade): void {
    const direction = this.#directionOf(trade.file)
    const item = { ...trade, ...timeOf(trade.tick.timestamp), index: direction.count++ }
    const before = direction.latest.get(trade.tick.symbol)
    if (before !== undefined) {
      const difference = compareTimes(before, item)
      if (difference < 0) direction.ups++
      else if (difference > 0) direction.downs++
    }
    direction.latest.set(trade.tick.symbol, item)
    const last = this.#held.at(-1)
    if (last !== undefined && this.#compare(last, item) > 0) this.#isSorted = false
    this.#held.push(item)
    if (this.#held.length >= this.#maxHeld) this.#spill()
  }

  /** All trades, in order. */
  async *sorted(): AsyncGenerator<
    PlacedTrade & { readonly seconds: number; readonly nanos: number },
    void,
    undefined
  > {
    if (this.#runs.length === 0) {
      yield* this.#takeHeld()
      return
    }
    if (this.#held.length > 0) this.#spill()
    yield* this.#merged()
  }

  #directionOf(file: number): Direction {
    const known = this.#files.get(file)
    if (known !== undefined) return known
    const made: Direction = { ups: 0, downs: 0, latest: new Map(), count: 0 }
    this.#files.set(file, made)
    return made
  }

  #isNewestFirst(file: number): boolean {
    const { ups, downs } = this.#directionOf(file)
    return downs > 0 && ups === 0
  }

  readonly #compare = (one: Item, other: Item): number => {
    const byTime = compareTimes(one, other)
    if (byTime !== 0) return byTime
    const byOrder = (one.order ?? 0) - (other.order ?? 0)
    if (byOrder !== 0) return byOrder
    if (one.file !== other.file) return one.file - other.file
    return this.#isNewestFirst(one.file) ? other.index - one.index : one.index - other.index
  }

  #takeHeld(): Item[] {
    const held = this.#held
    // That a file has its newest trades first shows only once there are some.
    const mayTurn = [...this.#files.keys()].some((file) => this.#isNewestFirst(file))
    if (!this.#isSorted || mayTurn) held.sort(this.#compare)
    this.#held = []
    this.#isSorted = true
    return held
  }

  #spill(): void {
    const file = join(this.#folder, `trades-${this.#runs.length}`)
    this.#runs.push(file)
    const items = this.#takeHeld()
    const descriptor = openSync(file, 'wx', 0o600)
    try {
      for (let start = 0; start < items.length; start += ROWS_PER_WRITE)
        writeSync(
          descriptor,
          items
            .slice(start, start + ROWS_PER_WRITE)
            .map(encodeItem)
            .join(''),
        )
    } finally {
      closeSync(descriptor)
    }
  }

  async *#merged(): AsyncGenerator<Item, void, undefined> {
    const heads: { item: Item; readonly rest: AsyncGenerator<Item, void, undefined> }[] = []
    const insert = async (rest: AsyncGenerator<Item, void, undefined>): Promise<void> => {
      const next = await rest.next()
      if (next.done === true) return
      let low = 0
      let high = heads.length
      while (low < high) {
        const middle = (low + high) >> 1
        const head = heads[middle]
        if (head !== undefined && this.#compare(next.value, head.item) > 0) low = middle + 1
        else high = middle
      }
      heads.splice(low, 0, { item: next.value, rest })
    }
    for (const run of this.#runs) await insert(readRun(run))
    try {
      for (let head = heads.shift(); head !== undefined; head = heads.shift()) {
        yield head.item
        await insert(head.rest)
      }
    } finally {
      for (const { rest } of heads) await rest.return()
    }
  }
}

function compareTimes(one: Item, other: Item): number {
  return one.seconds - other.seconds || one.nanos - other.nanos
}

/** Seconds and nanoseconds. Of a time with an exponent or with more decimals than nanoseconds, as near as a double is. */
export function timeOf(timestamp: string): { readonly seconds: number; readonly nanos: number } {
  const point = timestamp.indexOf('.')
  if (point === -1 && /^\d+$/.test(timestamp)) return { seconds: Number(timestamp), nanos: 0 }
  const fraction = timestamp.slice(point + 1)
  if (point > 0 && fraction.length <= 9 && /^\d+$/.test(fraction))
    return { seconds: Number(timestamp.slice(0, point)), nanos: Number(fraction.padEnd(9, '0')) }
  const seconds = Math.floor(Number(timestamp))
  return { seconds, nanos: Math.round((Number(timestamp) - seconds) * 1e9) }
}
