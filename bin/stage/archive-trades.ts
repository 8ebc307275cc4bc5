import { createHash } from 'node:crypto'

import { tapeOf } from '../../feed/encode.ts'
import type { ArchiveBucket } from '../../functions/archive/archive-bucket.ts'
import { hourOf, importedKey, importedPrefix, IMPORTED_SHARD } from '../../functions/archive/archive-key.ts'
import type { ArchivedTrade } from '../../functions/archive/archived-trade.ts'
import { encodeArchive } from '../../functions/archive/encode-archive.ts'
import { archivedTradeAt } from '../../functions/archive/archive-columns.ts'
import { readArchive } from '../../functions/archive/read-archive.ts'
import { whileCompacted } from '../../functions/archive/while-compacted.ts'
import { type Decimal, formatDecimal, parseDecimal } from '../../functions/domain/decimal.ts'
import { isTape } from '../../functions/domain/conditions.ts'
import { DistinctTrades, type SortedTrade } from './distinct-trades.ts'
import type { GatheredTrades, RejectedRow } from './gather-trades.ts'

/** What an import came to, in trades. */
export type Imported = {
  added: number
  /** Were imported before. */
  known: number
  /** Were imported before under their id, with another price or volume; these stay. */
  differing: number
  /** Hours (Unix seconds of their starts) of all trades, and their symbols: an import before may have died before its rebuild. */
  readonly hours: Map<number, Set<string>>
}

/** Rows of an object, at the most. */
const ROWS = 200_000
const NANOS = 1_000_000_000n

/**
 * Adds gathered trades to the archive, hour by hour. A trade is known by its line and id, or, without an id, by time, price,
 * volume and its place among equal ones: whatever is imported again, in any file, is there once.
 */
export async function archiveTrades(
  { counts, sorter, files }: GatheredTrades,
  bucket: Pick<ArchiveBucket, 'list' | 'read' | 'put'>,
  options: {
    readonly onRejected?: (row: RejectedRow) => void
    readonly onProgress?: (trades: number) => void
    readonly signal?: AbortSignal
  } = {},
): Promise<Imported> {
  const { onRejected, onProgress } = options
  const imported: Imported = { added: 0, known: 0, differing: 0, hours: new Map() }
  const trades = new DistinctTrades(sorter.sorted(), { counts, files, onRejected })
  await trades.advance()
  while (trades.current !== undefined && options.signal?.aborted !== true) {
    const hour = hourOf(trades.current.seconds)
    const known = await whileCompacted(() => knownOf(bucket, hour))
    const moment = new Moment()
    const symbols = new Set<string>()
    imported.hours.set(hour, symbols)
    while (trades.current !== undefined && hourOf(trades.current.seconds) === hour) {
      const fresh: ArchivedTrade[] = []
      while (fresh.length < ROWS && trades.current !== undefined && hourOf(trades.current.seconds) === hour) {
        symbols.add(trades.current.tick.symbol)
        take(moment.rowOf(trades.current), { known, fresh, imported })
        if (++counts.put % 1000 === 0) onProgress?.(counts.put)
        await trades.advance()
      }
      if (fresh.length === 0) continue
      await bucket.put(importedKey(hour, digestOf(fresh)), encodeArchive(fresh))
      imported.added += fresh.length
    }
  }
  return imported
}

type Known = Map<string, string>

async function knownOf(bucket: Pick<ArchiveBucket, 'list' | 'read'>, hour: number): Promise<Known> {
  const known: Known = new Map()
  for await (const { key } of bucket.list(importedPrefix(hour)))
    for (const columns of await readArchive(await bucket.read(key)))
      for (let index = 0; index < columns.count; index++) {
        const row = archivedTradeAt(columns, index)
        known.set(identityOf(row), valuesOf(row))
      }
  return known
}

function take(
  row: ArchivedTrade,
  {
    known,
    fresh,
    imported,
  }: { readonly known: Known; readonly fresh: ArchivedTrade[]; readonly imported: Imported },
): void {
  const identity = identityOf(row)
  const values = valuesOf(row)
  const before = known.get(identity)
  if (before === undefined) {
    known.set(identity, values)
    fresh.push(row)
  } else if (before === values) imported.known++
  else imported.differing++
}

function identityOf({ shard, sequenceNumber, place }: ArchivedTrade): string {
  return `${shard}\u0000${sequenceNumber}\u0000${place}`
}

function valuesOf({ price, volume }: ArchivedTrade): string {
  return `${textOf(price)} ${textOf(volume)}`
}

function textOf(decimal: Decimal | undefined): string {
  return decimal === undefined ? '' : formatDecimal(decimal.units, decimal.scale)
}

/** Numbers equal trades of one moment, and the trades of one moment in their order. */
class Moment {
  #at = ''
  #count = 0
  readonly #equal = new Map<string, number>()

  rowOf({ tick, seconds, nanos }: SortedTrade): ArchivedTrade {
    const at = `${seconds}.${nanos}`
    if (at !== this.#at) {
      this.#at = at
      this.#count = 0
      this.#equal.clear()
    }
    const { symbol, id, line, conditions, tape, side } = tick
    const [price, volume] = [amountOf(tick.price), amountOf(tick.volume)]
    const tapeName = tape === undefined ? undefined : (TAPES[tapeOf(tape)] ?? tape)
    return {
      symbol,
      seconds,
      nanos,
      type: 'trade',
      price,
      volume,
      wasPrice: undefined,
      wasVolume: undefined,
      id: id === undefined ? undefined : Number(id),
      line: line?.name,
      contiguous: id === undefined || line === undefined ? undefined : line.isContiguous,
      conditions,
      tape: isTape(tapeName) ? tapeName : undefined,
      side,
      source: IMPORTED_SHARD,
      sequence: undefined,
      ...this.#identity(tick, { time: BigInt(seconds) * NANOS + BigInt(nanos), price, volume }),
      // Trades of one moment stay in the order of the file; nothing has arrived on a stream.
      arrivedAt: seconds * 1000 + Math.floor(nanos / 1e6) + this.#count++,
    }
  }

  #identity(
    { symbol, id, line }: SortedTrade['tick'],
    { time, price, volume }: { readonly time: bigint; readonly price: Decimal; readonly volume: Decimal },
  ): Pick<ArchivedTrade, 'shard' | 'sequenceNumber' | 'place'> {
    if (id !== undefined)
      return {
        shard: `${IMPORTED_SHARD}/${line?.name ?? ''}/${symbol}`,
        sequenceNumber: String(Number(id)),
        place: 0,
      }
    const values = `${symbol} ${textOf(price)} ${textOf(volume)}`
    const place = this.#equal.get(values) ?? 0
    this.#equal.set(values, place + 1)
    const digest = createHash('sha256').update(values).digest().readBigUInt64BE()
    // Behind the time, so that the numbers grow with it.
    const sequenceNumber = `${time}${String(digest).padStart(20, '0')}`
    return { shard: `${IMPORTED_SHARD}//${symbol}`, sequenceNumber, place }
  }
}

const TAPES: Readonly<Record<string, string | undefined>> = {
  '1': 'A',
  '2': 'B',
  '3': 'C',
  '"A"': 'A',
  '"B"': 'B',
  '"C"': 'C',
}

function amountOf(text: string): Decimal {
  const amount = parseDecimal(text)
  if (typeof amount === 'string') throw new RangeError(`${text} has passed the check and is no decimal`)
  return amount
}

function digestOf(rows: readonly ArchivedTrade[]): string {
  const hash = createHash('sha256')
  for (const row of rows) hash.update(`${identityOf(row)}\n`)
  return hash.digest('hex').slice(0, 32)
}
