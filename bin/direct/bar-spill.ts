import * as z from 'zod'

import type { OtherBar } from '../../functions/domain/other-bars/other-bar.ts'
import type { SymbolBars } from '../stage/archived-bars.ts'
import { inCodePoints } from './bar-table.ts'
import { type Block, ChainedBlocks, NO_BLOCK } from './chained-blocks.ts'

/** Bars that are held in memory, of all symbols together; the others are in a file. */
const MOST_HELD = 100_000

/** Bars of a symbol: those that are held, and where the last of those before them are in the file. */
type OfSymbol = { held: OtherBar[]; last: Block }

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
 * with the symbols, and not with the bars.
 */
export class BarSpill {
  readonly #file: ChainedBlocks | undefined
  readonly #mostHeld: number
  readonly #symbols = new Map<string, OfSymbol>()
  #held = 0
  #bars = 0
  #trades = 0

  /** @param path of a file that is not there; whoever made its folder removes it. Undefined: bars are counted only */
  constructor(path: string | undefined, mostHeld = MOST_HELD) {
    this.#file = path === undefined ? undefined : new ChainedBlocks(path)
    this.#mostHeld = mostHeld
  }

  get counts(): { readonly bars: number; readonly trades: number } {
    return { bars: this.#bars, trades: this.#trades }
  }

  /** Bytes in the file. */
  get written(): number {
    return this.#file?.bytes ?? 0
  }

  /** Takes the next bars of a symbol. */
  take(symbol: string, bars: readonly OtherBar[]): void {
    let of = this.#symbols.get(symbol)
    if (of === undefined) this.#symbols.set(symbol, (of = { held: [], last: NO_BLOCK }))
    for (const bar of bars) {
      this.#bars++
      this.#trades += bar.tradeCount
      if (this.#file === undefined) continue
      of.held.push(bar)
      if (++this.#held >= this.#mostHeld) this.#spill(this.#file)
    }
  }

  /** Forgets all bars. */
  clear(): void {
    this.#symbols.clear()
    this.#held = this.#bars = this.#trades = 0
    this.#file?.clear()
  }

  /** The bars of each symbol in their order, some at a time. No bars may be taken meanwhile, or afterwards. */
  *bySymbol(): Generator<SymbolBars, void, undefined> {
    try {
      for (const symbol of inCodePoints([...this.#symbols.keys()])) {
        const { held, last } = this.#symbols.get(symbol) ?? { held: [], last: NO_BLOCK }
        for (const bytes of this.#file?.chain(last) ?? [])
          yield { symbol, bars: barsSchema.parse(JSON.parse(bytes.toString())) }
        if (held.length > 0) yield { symbol, bars: held }
      }
    } finally {
      this.#file?.close()
    }
  }

  #spill(file: ChainedBlocks): void {
    for (const of of this.#symbols.values()) {
      if (of.held.length === 0) continue
      of.last = file.append(of.last, Buffer.from(JSON.stringify(of.held)))
      of.held = []
    }
    file.flush()
    this.#held = 0
  }
}
