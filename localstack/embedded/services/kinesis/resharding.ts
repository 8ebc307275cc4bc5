import { KinesisError } from './errors.ts'
import { evenRanges, type HashRange } from './hash-key.ts'

/** A shard as far as resharding is concerned; a shard with an end is closed. */
export type ReshardableShard = {
  readonly shardId: string
  readonly range: HashRange
  readonly end: unknown
}

/** One step: the parents are closed, and children are made for the ranges. */
export type Reshard<S extends ReshardableShard> = {
  readonly parents: readonly S[]
  readonly ranges: readonly HashRange[]
}

/** @throws KinesisError when the shard is closed or the key does not lie inside it. */
export function planSplit<S extends ReshardableShard>(shard: S, newStartingHashKey: bigint): Reshard<S> {
  requireOpen(shard)
  const { start, end } = shard.range
  if (newStartingHashKey <= start || newStartingHashKey > end) {
    throw new KinesisError(
      'InvalidArgumentException',
      `NewStartingHashKey ${newStartingHashKey} used in SplitShard() on shard ${shard.shardId} is not both ` +
        `greater than the shard's StartingHashKey ${start} and at most its EndingHashKey ${end}.`,
    )
  }
  return {
    parents: [shard],
    ranges: [
      { start, end: newStartingHashKey - 1n },
      { start: newStartingHashKey, end },
    ],
  }
}

/** @throws KinesisError when a shard is closed or their hash ranges do not touch. */
export function planMerge<S extends ReshardableShard>(shard: S, other: S): Reshard<S> {
  requireOpen(shard)
  requireOpen(other)
  const [lower, upper] = shard.range.start < other.range.start ? [shard, other] : [other, shard]
  if (lower.range.end + 1n !== upper.range.start) {
    throw new KinesisError(
      'InvalidArgumentException',
      `Shards ${shard.shardId} and ${other.shardId} are not an adjacent pair of shards eligible for merging.`,
    )
  }
  return { parents: [shard, other], ranges: [{ start: lower.range.start, end: upper.range.end }] }
}

/**
 * The next step towards `count` open shards of equal size, or `undefined` when they are there:
 * first every boundary that is missing is cut, then what lies between two boundaries is merged.
 */
export function planShardCount<S extends ReshardableShard>(
  shards: readonly S[],
  count: number,
): Reshard<S> | undefined {
  const open = shards
    .filter((shard) => shard.end === undefined)
    .toSorted((a, b) => (a.range.start < b.range.start ? -1 : 1))
  const starts = evenRanges(count).map((range) => range.start)
  for (const shard of open) {
    const cut = starts.find((start) => shard.range.start < start && start <= shard.range.end)
    if (cut !== undefined) return planSplit(shard, cut)
  }
  for (const [index, shard] of open.entries()) {
    const previous = open[index - 1]
    if (previous && !starts.includes(shard.range.start)) return planMerge(previous, shard)
  }
  return undefined
}

/**
 * The bounds of one `UpdateShardCount`.
 * @throws KinesisError when the count is more than double or less than half of the shards that are open.
 */
export function requireWithinReach(
  stream: string,
  { open, wanted }: { readonly open: number; readonly wanted: number },
): void {
  if (wanted <= open * 2 && wanted >= open / 2) return
  throw new KinesisError(
    'InvalidArgumentException',
    `Stream ${stream} has ${open} open shards and cannot get ${wanted} at once: Kinesis at most doubles or halves ` +
      `them. Take a number from ${Math.ceil(open / 2)} to ${open * 2} first.`,
  )
}

function requireOpen(shard: ReshardableShard): void {
  if (shard.end === undefined) return
  throw new KinesisError(
    'ResourceInUseException',
    `Shard ${shard.shardId} is closed: it was split or merged before. Choose an open shard.`,
  )
}
