import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { GrowingIds } from '../../feed/files/growing-ids.ts'
import type { Encoding } from '../../feed/encode-record.ts'
import type { KinesisPort } from '../../feed/kinesis-port.ts'
import { createPublisher, type Publisher, type PublisherOptions } from '../../feed/publisher.ts'
import type { FeedTick } from '../../feed/tick.ts'
import { DistinctTrades, type SortedTrade } from './distinct-trades.ts'
import type { GatheredFile, GatheredTrades, RejectedRow } from './gather-trades.ts'

export type PutOptions = {
  readonly kinesis: KinesisPort
  readonly stream: string
  readonly ticksPerRecord: number
  /** Where a record ends beside that. @default those of a publisher */
  readonly limits?: Pick<PublisherOptions, 'maxRecordBytes' | 'maxBufferedTicks'> | undefined
  /** It does not change where a record ends: files are recognised in either. */
  readonly encoding?: Encoding | undefined
  readonly signal?: AbortSignal | undefined
  /** A row whose id another trade of its moment has, with another price or volume. */
  readonly onRejected?: ((row: RejectedRow) => void) | undefined
  readonly onProgress?: ((put: number) => void) | undefined
  readonly onStatus?: PublisherOptions['onStatus'] | undefined
}

/**
 * Puts gathered trades on the stream in the order of their time, at full speed.
 *
 * The producer's name comes from the content of the files and its sequence numbers start at 1, so that the same files put again,
 * after a crash or by mistake, are recognised and change nothing. Files whose times do not overlap have a producer each, and
 * may be given alone the next time.
 */
export async function putTrades(
  { counts, sorter, files }: GatheredTrades,
  options: PutOptions,
): Promise<void> {
  const sources = sourcesOf(files)
  const trades = new DistinctTrades(sorter.sorted(), { counts, files, onRejected: options.onRejected })
  const ids = new GrowingIds()
  const tickOf = ({ tick, seconds }: SortedTrade): FeedTick => {
    if (tick.id === undefined) return tick
    if (ids.takes(`${tick.symbol}\u0000${tick.line?.name ?? ''}`, Number(tick.id), seconds)) return tick
    // The aggregator would take it for a duplicate.
    counts.unnumbered++
    return { ...tick, id: undefined }
  }
  const isStopped = (): boolean => options.signal?.aborted === true
  await trades.advance()
  while (trades.current !== undefined && !isStopped()) {
    const source = sources.get(trades.current.file) ?? ''
    const publisher = publisherOf(source, options)
    try {
      for (let { current } = trades; current !== undefined; { current } = trades) {
        if (sources.get(current.file) !== source || isStopped()) break
        const room = publisher.publish(tickOf(current))
        if (room !== undefined) await room
        if (++counts.put % TRADES_PER_TURN === 0) {
          options.onProgress?.(counts.put)
          await nextTurn()
        }
        const reading = trades.advance()
        if (reading !== undefined) await reading
      }
    } finally {
      await publisher.close()
    }
  }
}

/** Trades after which the event loop gets a turn, so that signals and timers have theirs. */
const TRADES_PER_TURN = 1000

function publisherOf(
  source: string,
  { kinesis, stream, ticksPerRecord, limits, encoding, onStatus }: PutOptions,
): Publisher {
  return createPublisher({
    kinesis,
    stream,
    source: `replay-${ticksPerRecord}-${source}`,
    startSequence: 1,
    maxAgeMs: Infinity,
    maxTicksPerRecord: ticksPerRecord,
    ...limits,
    ...(encoding && { encoding }),
    ...(onStatus && { onStatus }),
  })
}

/** The producer of each file, by its place: one for those whose times overlap. */
function sourcesOf(files: readonly GatheredFile[]): ReadonlyMap<number, string> {
  const spans = files
    .flatMap(({ fingerprint, span, index }) => (span === undefined ? [] : [{ index, fingerprint, span }]))
    .toSorted((one, other) => one.span.from - other.span.from)
  const groups: { readonly fingerprints: string[]; readonly indexes: number[]; to: number }[] = []
  for (const { index, fingerprint, span } of spans) {
    const last = groups.at(-1)
    if (last !== undefined && span.from <= last.to) {
      last.fingerprints.push(fingerprint)
      last.indexes.push(index)
      last.to = Math.max(last.to, span.to)
    } else groups.push({ fingerprints: [fingerprint], indexes: [index], to: span.to })
  }
  return new Map(
    groups.flatMap(({ fingerprints, indexes }) => {
      const [only = ''] = fingerprints
      const source =
        fingerprints.length === 1
          ? only
          : createHash('sha256').update(fingerprints.join()).digest('hex').slice(0, 16)
      return indexes.map((index) => [index, source] as const)
    }),
  )
}
