import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'

import * as z from 'zod'

import type { OtherBar } from '../../functions/domain/other-bars/other-bar.ts'
import type { SymbolBars } from '../stage/archived-bars.ts'
import { inCodePoints } from './bar-table.ts'

/** Bars that are held in memory, of all symbols together; the others are in a file. */
const MOST_HELD = 100_000

/** Bars of a symbol: those that are held, and where those before them are in the file. */
type OfSymbol = { held: OtherBar[]; readonly places: Place[] }
type Place = { readonly at: number; readonly length: number }

const barsSchema: z.ZodType<readonly OtherBar[]> = z.array(
  z.object({
    seconds: z.int(),
    nanos: z.int(),
    lastSeconds: z.int(),
    lastNanos: z.int(),
    open: z.string(),
    high: z.string(),
    low: z.string(),
    close: z.string(),
    volume: z.string(),
    notional: z.string(),
    vwap: z.string().nullable(),
    tradeCount: z.int(),
    buyVolume: z.string().nullable(),
    sellVolume: z.string().nullable(),
    isClosed: z.boolean(),
  }),
)

/**
 * Takes bars as they close, and gives them by symbol: they are written to a file whenever there are many, so that memory grows
 * with the symbols, and by a place in the file for each symbol that has some of 100,000 bars.
 */
export class BarSpill {
  readonly #path: string | undefined
  readonly #mostHeld: number
  readonly #symbols = new Map<string, OfSymbol>()
  #file: number | undefined
  #written = 0
  #held = 0
  #bars = 0
  #trades = 0

  /** @param path of a file that is not there; whoever made its folder removes it. Undefined: bars are counted only */
  constructor(path: string | undefined, mostHeld = MOST_HELD) {
    this.#path = path
    this.#mostHeld = mostHeld
  }

  get counts(): { readonly bars: number; readonly trades: number } {
    return { bars: this.#bars, trades: this.#trades }
  }

  /** Bytes in the file. */
  get written(): number {
    return this.#written
  }

  /** Takes the next bars of a symbol. */
  take(symbol: string, bars: readonly OtherBar[]): void {
    let of = this.#symbols.get(symbol)
    if (of === undefined) this.#symbols.set(symbol, (of = { held: [], places: [] }))
    for (const bar of bars) {
      this.#bars++
      this.#trades += bar.tradeCount
      if (this.#path === undefined) continue
      of.held.push(bar)
      if (++this.#held >= this.#mostHeld) this.#spill()
    }
  }

  /** Forgets all bars. */
  clear(): void {
    this.#symbols.clear()
    this.#written = this.#held = this.#bars = this.#trades = 0
    if (this.#file !== undefined) ftruncateSync(this.#file)
  }

  /** The bars of each symbol in their order, some at a time. No bars may be taken meanwhile, or afterwards. */
  *bySymbol(): Generator<SymbolBars, void, undefined> {
    try {
      for (const symbol of inCodePoints([...this.#symbols.keys()])) {
        const { held, places } = this.#symbols.get(symbol) ?? { held: [], places: [] }
        for (const place of places) yield { symbol, bars: this.#read(place) }
        if (held.length > 0) yield { symbol, bars: held }
      }
    } finally {
      if (this.#file !== undefined) closeSync(this.#file)
      this.#file = undefined
    }
  }

  #spill(): void {
    if (this.#path === undefined) return
    this.#file ??= openSync(this.#path, 'w+')
    for (const of of this.#symbols.values()) {
      if (of.held.length === 0) continue
      const bytes = Buffer.from(JSON.stringify(of.held))
      for (let done = 0; done < bytes.length;)
        done += writeSync(this.#file, bytes, done, bytes.length - done, this.#written + done)
      of.places.push({ at: this.#written, length: bytes.length })
      this.#written += bytes.length
      of.held = []
    }
    this.#held = 0
  }

  #read({ at, length }: Place): readonly OtherBar[] {
    const bytes = Buffer.alloc(length)
    if (this.#file === undefined || readSync(this.#file, bytes, 0, length, at) !== length)
      throw new Error(`${this.#path} does not have the ${length} bytes at ${at} that were written to it`)
    return barsSchema.parse(JSON.parse(bytes.toString()))
  }
}
