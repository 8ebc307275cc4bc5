import type { BarBuilder } from './bar-builder.ts'

/**
 * A closed bar as a state keeps it: start, revision, count, open and close time, decimals, prices, volume, notional and
 * completeness, in places that never change. As plain numbers it takes half the memory of a builder, and an instance keeps
 * tens of thousands. A bar whose prices or sums are no exact doubles is kept as it is.
 */
export type KeptBar = PackedBar | BarBuilder

/** Not a tuple: its places are read by number in three places only, and V8 holds it as one block of doubles. */
type PackedBar = readonly number[]

export function isPackedBar(bar: KeptBar): bar is PackedBar {
  return !('start' in bar)
}

/** Unix seconds of the start of a closed bar. */
export function startOf(bar: KeptBar): number {
  return isPackedBar(bar) ? (bar[0] ?? 0) : bar.start
}

/** The bar as it is kept; its builder must no longer be changed. */
export function packBar(bar: BarBuilder): KeptBar {
  if (bar.exact !== undefined || bar.volumeCarry !== 0n || bar.notionalCarry !== 0n) return bar
  return [
    bar.start,
    bar.revision,
    bar.count,
    bar.openSecond,
    bar.openNanos,
    bar.closeSecond,
    bar.closeNanos,
    bar.priceScale,
    bar.volumeScale,
    bar.open,
    bar.high,
    bar.low,
    bar.close,
    bar.volume,
    bar.notional,
    completenessBits(bar),
  ]
}

/** The builder of a kept bar, to be copied before it is changed. */
export function unpackBar(bar: KeptBar): BarBuilder {
  if (!isPackedBar(bar)) return bar
  const { uncounted, damaged, priceOnly, emptied, said } = completenessOf(bar[15] ?? 0)
  // Small integers, and the order of `startBar`: so V8 holds all builders alike, and small integers in themselves.
  return {
    start: bar[0] ?? 0,
    revision: (bar[1] ?? 0) | 0,
    count: (bar[2] ?? 0) | 0,
    openSecond: (bar[3] ?? 0) | 0,
    openNanos: (bar[4] ?? 0) | 0,
    closeSecond: (bar[5] ?? 0) | 0,
    closeNanos: (bar[6] ?? 0) | 0,
    priceScale: (bar[7] ?? 0) | 0,
    volumeScale: (bar[8] ?? 0) | 0,
    open: bar[9] ?? 0,
    high: bar[10] ?? 0,
    low: bar[11] ?? 0,
    close: bar[12] ?? 0,
    volume: bar[13] ?? 0,
    volumeCarry: 0n,
    notional: bar[14] ?? 0,
    notionalCarry: 0n,
    exact: undefined,
    uncounted,
    damaged,
    priceOnly,
    emptied,
    said,
  }
}

/** What a bar said of its completeness, in the bits 2 and 3. */
const SAID = [undefined, true, false, null] as const

type Known = Pick<BarBuilder, 'uncounted' | 'damaged' | 'said' | 'priceOnly' | 'emptied'>

/** What is known of the completeness of a bar and of its being withdrawn, as a number. */
export function completenessBits({ uncounted, damaged, said, priceOnly, emptied }: Known): number {
  const completeness = (uncounted ? 1 : 0) + (damaged ? 2 : 0) + 4 * SAID.indexOf(said)
  return completeness + (priceOnly ? 16 : 0) + (emptied ? 32 : 0)
}

export function completenessOf(bits: number): Known {
  return {
    uncounted: (bits & 1) !== 0,
    damaged: (bits & 2) !== 0,
    said: SAID[(bits >> 2) & 3],
    priceOnly: (bits & 16) !== 0,
    emptied: (bits & 32) !== 0,
  }
}
