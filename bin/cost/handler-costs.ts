/**
 * What the handlers take, in seconds of a whole core: `npm run bench -- costs` on one core of an AMD EPYC that other programs kept
 * busy, in November 2026. What they wait for is not in it.
 */
export const HANDLER_SECONDS = {
  /** The aggregator: a symbol of a batch, from the record to the state and its commit; and a trade. */
  symbol: 15e-6,
  trade: 0.05e-6,
  /** The analytics part: a bar, from item to item. */
  bar: 70e-6,
  /** The bar-writer: a row, to the statement. */
  row: 13e-6,
  /** The archiver: a trade, to Parquet. */
  archivedTrade: 6e-6,
  /** The alerter: a record that ten rules are about, none of which fires. */
  judgedRecord: 50e-6,
} as const

/** Memory, in MB, with which Lambda gives a function a whole core. */
const CORE_MB = 1769

/** How long work takes in a function that has less than a core. */
export function onLambda(seconds: number, memoryMb: number): number {
  return seconds / Math.min(1, memoryMb / CORE_MB)
}
