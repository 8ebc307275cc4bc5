import { readTrades, type TradeTable } from '../../feed/files/read-trades.ts'
import { TradeSorter } from '../../feed/files/sort-trades.ts'
import type { TradeRow } from '../../feed/files/row-reader.ts'
import type { FeedTick } from '../../feed/tick.ts'
import type { Refusal } from './check-trade.ts'
import { type GivenFile, givenFiles, type GivenOptions } from './given-files.ts'
import { TradeCounts } from './trade-counts.ts'

/** A row that makes no trade, and why. */
export type RejectedRow = Refusal & { readonly label: string; readonly place: number; readonly text: string }

export type GatherOptions = GivenOptions & {
  /** Why the aggregator would reject a trade; undefined for a good one. */
  readonly check: (tick: FeedTick) => Refusal | undefined
  /** An empty folder for what does not fit into memory; whoever made it removes it. */
  readonly folder: string
  readonly onTable?: ((table: TradeTable) => void) | undefined
  readonly onTrade?: ((label: string, tick: FeedTick) => void) | undefined
  readonly onRejected?: ((row: RejectedRow) => void) | undefined
  /** Resolves when there is room for more rejected rows. */
  readonly room?: (() => Promise<void>) | undefined
  /** @param share of the file that was read, from 0 to 1 */
  readonly onProgress?: ((file: string, share: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What files hold, sorted. */
export type GatheredTrades = {
  readonly counts: TradeCounts
  readonly sorter: TradeSorter
  readonly files: readonly GatheredFile[]
  /** Whether a trade carries sale conditions. */
  readonly hasConditions: boolean
}

export type GatheredFile = GivenFile & {
  /** Unix seconds of its first and its last trade; undefined where it has none. */
  readonly span: { readonly from: number; readonly to: number } | undefined
}

/** Reads files of trades, and rejects what the aggregator would. */
export async function gatherTrades(
  files: readonly string[],
  options: GatherOptions,
): Promise<GatheredTrades> {
  const counts = new TradeCounts()
  const sorter = new TradeSorter({ folder: options.folder })
  const gathered: GatheredFile[] = []
  for await (const given of givenFiles(files, options)) {
    if (options.signal?.aborted === true) break
    const span = await gatherFile(given.file, { index: given.index, counts, sorter, options })
    gathered.push({ ...given, span })
  }
  return { counts, sorter, files: gathered, hasConditions: counts.withConditions > 0 }
}

type Gathering = {
  readonly index: number
  readonly counts: TradeCounts
  readonly sorter: TradeSorter
  readonly options: GatherOptions
}

async function gatherFile(
  file: string,
  { index, counts, sorter, options }: Gathering,
): Promise<GatheredFile['span']> {
  const { read, check, onTable, onTrade, onRejected, onProgress, signal } = options
  const span = { from: Infinity, to: -Infinity }
  let current: TradeTable | undefined
  const reject = (row: RejectedRow): void => {
    counts.reject(row.reason)
    onRejected?.(row)
  }
  const take = (row: TradeRow, label: string): void => {
    counts.read++
    const { place, text } = row
    if (row.type === 'left-out') return counts.leaveOut(row.reason)
    if (row.type === 'bad-row') return reject({ label, place, text, reason: 'bad-row', detail: row.reason })
    const refusal = check(row.tick)
    if (refusal !== undefined) return reject({ label, place, text, ...refusal })
    const { tick, order, identity } = row
    const seconds = Number(tick.timestamp)
    span.from = Math.min(span.from, seconds)
    span.to = Math.max(span.to, seconds)
    if (tick.conditions !== undefined) counts.withConditions++
    onTrade?.(label, tick)
    sorter.add({ tick, file: index, place, order, identity })
  }
  const progress = ({ bytesRead, totalBytes }: { bytesRead: number; totalBytes: number }): void =>
    onProgress?.(file, totalBytes === 0 ? 1 : bytesRead / totalBytes)
  for await (const { table, rows } of readTrades(file, { ...read, onProgress: progress })) {
    if (table !== current) {
      current = table
      onTable?.(table)
    }
    for (const row of rows) take(row, table.label)
    await options.room?.()
    if (signal?.aborted === true) break
  }
  return span.to < span.from ? undefined : span
}
