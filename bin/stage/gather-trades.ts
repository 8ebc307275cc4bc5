import { createHash } from 'node:crypto'
import { createReadStream, realpathSync, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'

import { readTrades, type ReadOptions, type TradeTable } from '../../feed/files/read-trades.ts'
import { TradeSorter } from '../../feed/files/sort-trades.ts'
import type { TradeRow } from '../../feed/files/row-reader.ts'
import type { FeedTick } from '../../feed/tick.ts'
import { UsageError } from '../terminal/errors.ts'
import type { Refusal } from './check-trade.ts'
import { TradeCounts } from './trade-counts.ts'

/** A row that makes no trade, and why. */
export type RejectedRow = Refusal & { readonly label: string; readonly place: number; readonly text: string }

export type GatherOptions = {
  readonly read?: Omit<ReadOptions, 'onProgress'> | undefined
  /** Why the aggregator would reject a trade; undefined for a good one. */
  readonly check: (tick: FeedTick) => Refusal | undefined
  /** An empty folder for what does not fit into memory; whoever made it removes it. */
  readonly folder: string
  readonly onTable?: ((table: TradeTable) => void) | undefined
  readonly onTrade?: ((label: string, tick: FeedTick) => void) | undefined
  readonly onRejected?: ((row: RejectedRow) => void) | undefined
  /** Resolves when there is room for more rejected rows. */
  readonly room?: (() => Promise<void>) | undefined
  /** A file whose content is that of one before it, and is not read again. */
  readonly onSame?: ((file: string, other: string) => void) | undefined
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

export type GatheredFile = {
  readonly file: string
  /** Its place among those given. */
  readonly index: number
  /** Changes with the content of the file and with how it is read. */
  readonly fingerprint: string
  /** Unix seconds of its first and its last trade; undefined where it has none. */
  readonly span: { readonly from: number; readonly to: number } | undefined
}

/** Reads files of trades, and rejects what the aggregator would. */
export async function gatherTrades(
  files: readonly string[],
  options: GatherOptions,
): Promise<GatheredTrades> {
  refuseGivenTwice(files)
  const counts = new TradeCounts()
  const sorter = new TradeSorter({ folder: options.folder })
  const gathered: GatheredFile[] = []
  for (const [index, file] of files.entries()) {
    if (options.signal?.aborted === true) break
    const fingerprint = await fingerprintOf(file, options.read)
    const same = gathered.find((each) => each.fingerprint === fingerprint)
    if (same !== undefined) {
      options.onSame?.(file, same.file)
      continue
    }
    const span = await gatherFile(file, { index, counts, sorter, options })
    gathered.push({ file, index, fingerprint, span })
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

/** The same file twice, under whatever names, is a mistake of whoever gave it. */
function refuseGivenTwice(files: readonly string[]): void {
  const seen = new Map<string, string>()
  for (const file of files) {
    const identity = identityOf(file)
    if (identity === undefined) continue
    const other = seen.get(identity)
    if (other !== undefined)
      throw new UsageError(
        other === file
          ? `${file} is given twice: give it once`
          : `${file} is the same file as ${other}: give it once`,
      )
    seen.set(identity, file)
  }
}

/** What a file is on its disk; undefined where it is not there. */
function identityOf(file: string): string | undefined {
  try {
    const { dev, ino } = statSync(realpathSync(file), { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

async function fingerprintOf(file: string, read: GatherOptions['read']): Promise<string> {
  const given = [read?.format, read?.symbol, read?.timezone, read?.columns && [...read.columns.names]]
  const hash = createHash('sha256')
  if (given.some((each) => each !== undefined)) hash.update(JSON.stringify(given))
  try {
    await pipeline(createReadStream(file), hash)
  } catch {
    // The reader that comes next reports what is wrong with the file.
    return `unreadable ${file}`
  }
  return hash.digest('hex').slice(0, 16)
}
