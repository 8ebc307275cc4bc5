import { createHash } from 'node:crypto'

import { GrowingIds } from '../../feed/files/growing-ids.ts'
import type { PlacedTrade } from '../../feed/files/sort-trades.ts'
import type { KinesisPort } from '../../feed/kinesis-port.ts'
import { createPublisher, type Publisher, type PublisherOptions } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import type { FeedTick } from '../../feed/tick.ts'
import type { GatheredFile, GatheredTrades, RejectedRow } from './gather-trades.ts'

export type PutOptions = {
  readonly kinesis: KinesisPort
  readonly stream: string
  readonly ticksPerRecord: number
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
  const trades = new Distinct(sorter.sorted(), { counts, files, onRejected: options.onRejected })
  await trades.advance()
  while (trades.current !== undefined && options.signal?.aborted !== true) {
    const source = sources.get(trades.current.file) ?? ''
    const publisher = publisherOf(source, options)
    const before = counts.put
    const ofSource = async function* (): AsyncGenerator<FeedTick, void, undefined> {
      while (trades.current !== undefined && sources.get(trades.current.file) === source) {
        yield trades.current.tick
        if (++counts.put % 1000 === 0) options.onProgress?.(counts.put)
        await trades.advance()
      }
    }
    const { signal } = options
    const { ticks } = await runFeed({
      source: ofSource(),
      publisher,
      pace: 'full-speed',
      ...(signal && { signal }),
    })
    counts.put = before + ticks
    await publisher.close()
  }
}

function publisherOf(source: string, { kinesis, stream, ticksPerRecord, onStatus }: PutOptions): Publisher {
  return createPublisher({
    kinesis,
    stream,
    source: `replay-${ticksPerRecord}-${source}`,
    startSequence: 1,
    maxAgeMs: Infinity,
    maxTicksPerRecord: ticksPerRecord,
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

/** Trades without those that repeat another of the same moment by its id. */
class Distinct {
  /** Undefined before the first and after the last. */
  current: PlacedTrade | undefined
  readonly #trades: AsyncGenerator<
    PlacedTrade & { readonly seconds: number; readonly nanos: number },
    void,
    undefined
  >
  readonly #options: Pick<GatheredTrades, 'counts' | 'files'> & Pick<PutOptions, 'onRejected'>
  readonly #ids = new GrowingIds()
  readonly #seen = new Map<string, FeedTick>()
  #seconds = -1
  #nanos = -1

  constructor(
    trades: AsyncGenerator<
      PlacedTrade & { readonly seconds: number; readonly nanos: number },
      void,
      undefined
    >,
    options: Pick<GatheredTrades, 'counts' | 'files'> & Pick<PutOptions, 'onRejected'>,
  ) {
    this.#trades = trades
    this.#options = options
  }

  /** Goes to the next trade. */
  async advance(): Promise<void> {
    for (;;) {
      const next = await this.#trades.next()
      if (next.done === true) {
        this.current = undefined
        return
      }
      const { seconds, nanos } = next.value
      if (seconds !== this.#seconds || nanos !== this.#nanos) this.#seen.clear()
      this.#seconds = seconds
      this.#nanos = nanos
      if (!this.#isNew(next.value)) continue
      this.current = this.#numbered(next.value, seconds)
      return
    }
  }

  #isNew({ tick, identity, file, place }: PlacedTrade): boolean {
    if (identity === undefined) return true
    const key = `${tick.symbol}\u0000${identity}`
    const other = this.#seen.get(key)
    if (other === undefined) {
      this.#seen.set(key, tick)
      return true
    }
    const { counts, files, onRejected } = this.#options
    if (isEqual(tick.price, other.price) && isEqual(tick.volume, other.volume)) {
      counts.duplicates++
      return false
    }
    counts.reject('other-values')
    onRejected?.({
      label: files.find((each) => each.index === file)?.file ?? '',
      place,
      text: [tick.symbol, tick.timestamp, tick.price, tick.volume].join(','),
      reason: 'other-values',
      detail: `another trade of that time has its id, with price ${other.price} and volume ${other.volume}`,
    })
    return false
  }

  #numbered(trade: PlacedTrade, seconds: number): PlacedTrade {
    const { tick } = trade
    if (tick.id === undefined) return trade
    const line = `${tick.symbol}\u0000${tick.line?.name ?? ''}`
    if (this.#ids.takes(line, Number(tick.id), seconds)) return trade
    this.#options.counts.unnumbered++
    return { ...trade, tick: { ...tick, id: undefined } }
  }
}

function isEqual(one: string, other: string): boolean {
  return one === other || plain(one) === plain(other)
}

/** A decimal without zeros at its end. */
function plain(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
}
