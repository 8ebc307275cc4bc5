import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { HeldTrades } from './held-trades.ts'
import { encodeItem, type Item, type PlacedTrade, readRun } from './sorted-run.ts'

/** Trades held in memory at a time; what is more is sorted on disk. */
const MAX_HELD = 1_000_000
const ROWS_PER_PIECE = 5000

type Time = { readonly seconds: number; readonly nanos: number }

/** Which way the times of a file run. */
type Direction = { ups: number; downs: number; readonly latest: Map<string, Time>; count: number }

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
  readonly #held = new HeldTrades()

  /** @param options.folder exists and takes what does not fit; whoever made it removes it */
  constructor({ folder, maxHeld = MAX_HELD }: { readonly folder: string; readonly maxHeld?: number }) {
    this.#folder = folder
    this.#maxHeld = maxHeld
  }

  add(trade: PlacedTrade): void {
    const direction = this.#directionOf(trade.file)
    const time = timeOf(trade.tick.timestamp)
    const before = direction.latest.get(trade.tick.symbol)
    if (before !== undefined) {
      const difference = compareTimes(before, time)
      if (difference < 0) direction.ups++
      else if (difference > 0) direction.downs++
    }
    direction.latest.set(trade.tick.symbol, time)
    this.#held.add(trade, time, direction.count++)
    if (this.#held.count >= this.#maxHeld) this.#spill()
  }

  /** All trades, in order, in pieces. */
  async *sorted(): AsyncGenerator<readonly Item[], void, undefined> {
    if (this.#runs.length === 0) {
      yield* this.#takeHeld()
      return
    }
    if (this.#held.count > 0) this.#spill()
    yield* this.#merged()
  }

  #directionOf(file: number): Direction {
    const known = this.#files.get(file)
    if (known !== undefined) return known
    const made: Direction = { ups: 0, downs: 0, latest: new Map(), count: 0 }
    this.#files.set(file, made)
    return made
  }

  /** Those in memory, in order, which are there no more at the end. */
  *#takeHeld(): Generator<readonly Item[], void, undefined> {
    const held = this.#held
    const rows = held.sorted(this.#isNewestFirst)
    for (let start = 0; start < rows.length; start += ROWS_PER_PIECE)
      yield Array.from(rows.subarray(start, start + ROWS_PER_PIECE), (row) => held.at(row))
    held.clear()
  }

  readonly #isNewestFirst = (file: number): boolean => {
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

  #spill(): void {
    const file = join(this.#folder, `trades-${this.#runs.length}`)
    this.#runs.push(file)
    const descriptor = openSync(file, 'wx', 0o600)
    try {
      for (const piece of this.#takeHeld()) writeSync(descriptor, piece.map(encodeItem).join(''))
    } finally {
      closeSync(descriptor)
    }
  }

  async *#merged(): AsyncGenerator<readonly Item[], void, undefined> {
    const heads: Run[] = []
    const insert = (run: Run): void => {
      const { item } = run
      if (item === undefined) return
      let low = 0
      let high = heads.length
      while (low < high) {
        const middle = (low + high) >> 1
        const other = heads[middle]?.item
        if (other !== undefined && this.#compare(item, other) > 0) low = middle + 1
        else high = middle
      }
      heads.splice(low, 0, run)
    }
    const runs = this.#runs.map((file) => new Run(readRun(file)))
    try {
      for (const run of runs) {
        await run.read()
        insert(run)
      }
      let piece: Item[] = []
      for (let head = heads.shift(); head !== undefined; head = heads.shift()) {
        if (head.item !== undefined) piece.push(head.item)
        if (head.isLastOfPiece) await head.read()
        else head.advance()
        insert(head)
        if (piece.length < ROWS_PER_PIECE) continue
        yield piece
        piece = []
      }
      yield piece
    } finally {
      for (const run of runs) await run.end()
    }
  }
}

/** A run on disk, of which a piece is in memory. */
class Run {
  readonly #pieces: AsyncGenerator<readonly Item[], void, undefined>
  #piece: readonly Item[] = []
  #place = 0

  constructor(pieces: AsyncGenerator<readonly Item[], void, undefined>) {
    this.#pieces = pieces
  }

  /** The next trade; undefined at the end. */
  get item(): Item | undefined {
    return this.#piece[this.#place]
  }

  get isLastOfPiece(): boolean {
    return this.#place + 1 >= this.#piece.length
  }

  advance(): void {
    this.#place++
  }

  /** Goes to the first trade of the next piece. */
  async read(): Promise<void> {
    const next = await this.#pieces.next()
    this.#piece = next.done === true ? [] : next.value
    this.#place = 0
  }

  async end(): Promise<void> {
    await this.#pieces.return()
  }
}

function compareTimes(one: Time, other: Time): number {
  return one.seconds - other.seconds || one.nanos - other.nanos
}

/** Seconds and nanoseconds. Of a time with an exponent or with more decimals than nanoseconds, as near as a double is. */
export function timeOf(timestamp: string): Time {
  const point = timestamp.indexOf('.')
  if (point === -1 && /^\d+$/.test(timestamp)) return { seconds: Number(timestamp), nanos: 0 }
  const fraction = timestamp.slice(point + 1)
  if (point > 0 && fraction.length <= 9 && /^\d+$/.test(fraction))
    return { seconds: Number(timestamp.slice(0, point)), nanos: Number(fraction.padEnd(9, '0')) }
  const seconds = Math.floor(Number(timestamp))
  return { seconds, nanos: Math.round((Number(timestamp) - seconds) * 1e9) }
}
