import { knownSides, type Sides } from '../domain/side.ts'
import { type Trades, UPDATES } from '../domain/trade.ts'
import {
  CHECKSUM_BYTES,
  COMPACT_LIMITS,
  COMPACT_VERSIONS,
  FLAGS,
  hasItsChecksum,
  isCompact,
  isCompactVersion,
  TAPE_SHIFT,
  TAPES,
} from '../shared/streams/compact-record.ts'
import { readSides, sideBytes } from '../shared/streams/compact-sides.ts'
import type { Payload } from '../shared/streams/payload.ts'
import { CompactColumnReader, NOT_PLAIN } from './compact-columns.ts'
import type { ParsedRecord, RecordOrigin } from './parsed-record.ts'
import { ScannedConditions, type SaidConditions } from './scanned-conditions.ts'
import type { TradeBuffer } from './trade-buffer.ts'

/** Characters of a source or line. */
const MAX_NAME = 64
const NO_REJECTIONS: readonly never[] = []

/** What a record has, by its second and first byte behind the magic. */
type Parts = { readonly flags: number; readonly hasSides: boolean }

/**
 * Reads plain, valid compact records straight into columns, as `TradeScanner` reads those of JSON: what is not plain or not
 * valid gives undefined, and `parseTrades` reads the JSON that the record stands for. Both agree on every record that this
 * one reads.
 */
export class CompactScanner {
  readonly #buffer: TradeBuffer
  readonly #conditions = new ScannedConditions()
  readonly #record = new CompactColumnReader()
  /** That of the last record, which the next one often has too. */
  #source = ''

  constructor(buffer: TradeBuffer) {
    this.#buffer = buffer
  }

  /** Reads the record that lies in some bytes, which begins as a compact one. */
  scan(
    { bytes, start, end }: Pick<Payload, 'bytes' | 'start' | 'end'>,
    origin: RecordOrigin,
  ): ParsedRecord | undefined {
    const version = bytes[start + 3]
    if (!isCompact(bytes, start) || !isCompactVersion(version) || !hasItsChecksum(bytes, start, end))
      return undefined
    this.#record.begin(bytes, start + 5, end - CHECKSUM_BYTES)
    const flags = bytes[start + 4] ?? 0
    const read = this.#read({ flags, hasSides: version === COMPACT_VERSIONS.sides }, origin)
    if (read === undefined) this.#buffer.begin()
    return read
  }

  #read({ flags, hasSides }: Parts, origin: RecordOrigin): ParsedRecord | undefined {
    if (!this.#symbol(origin.partitionKey)) return undefined
    const source = flags & FLAGS.source ? this.#record.text(this.#source) : undefined
    if (source === NOT_PLAIN || (source?.length ?? 0) > MAX_NAME) return undefined
    if (source !== undefined) this.#source = source
    if (flags & FLAGS.sequence && !this.#record.sequence()) return undefined
    const producer =
      flags & FLAGS.sequence ? { source: source ?? '', sequence: this.#record.value } : undefined
    const line = flags & FLAGS.line ? this.#record.text(source ?? '') : undefined
    if (line === NOT_PLAIN || (line?.length ?? 0) > MAX_NAME) return undefined
    const tape = TAPES[flags >> TAPE_SHIFT]
    const hasIds = (flags & FLAGS.ids) !== 0
    const filled = this.#trades(hasIds, origin)
    if (filled === undefined) return undefined
    const conditions = flags & FLAGS.conditions ? this.#said(filled.to - filled.from, tape) : NO_CONDITIONS
    if (conditions === undefined) return undefined
    const sides = hasSides ? this.#sides(filled.to - filled.from) : undefined
    if (sides === NOT_PLAIN || this.#record.at !== this.#record.end) return undefined
    const isContiguous = (flags & FLAGS.contiguous) !== 0
    const trades = this.#buffer.endFilled(filled)
    const common = { source, line, contiguous: isContiguous ? true : undefined, tape }
    const said = sides === undefined ? common : { ...common, sides }
    return {
      symbol: origin.partitionKey,
      producer,
      line: trades.hasIds ? { name: line ?? source ?? '', isContiguous } : undefined,
      type: 'trade',
      trades: withUpdates(trades, conditions.updates),
      rejections: NO_REJECTIONS,
      said: conditions.texts === undefined ? said : { ...said, conditions: conditions.texts },
    }
  }

  #trades(
    hasIds: boolean,
    origin: RecordOrigin,
  ): Omit<Trades, 'columns' | 'wide' | 'hasUpdates'> | undefined {
    const timeDecimals = this.#record.byte()
    const priceScale = this.#record.byte()
    const volumeScale = this.#record.byte()
    const { decimals, trades } = COMPACT_LIMITS
    if (timeDecimals > COMPACT_LIMITS.timeDecimals || priceScale > decimals || volumeScale > decimals)
      return undefined
    if (!this.#record.number()) return undefined
    const count = this.#record.value
    // A trade has three bytes at least: what is reserved is bounded by what has come.
    if (
      count === 0 ||
      count > trades ||
      3 * count > this.#record.end - this.#record.at ||
      !this.#record.number()
    )
      return undefined
    const second = this.#record.value
    const { columns, from } = this.#buffer.fill(count, { hasIds })
    const to = from + count
    if (!this.#record.times(columns, { from, to, second, decimals: timeDecimals }, origin.arrivedAt))
      return undefined
    if (!this.#record.prices(columns.price, { from, to }, origin.allowsNonPositive)) return undefined
    if (!this.#record.volumes(columns.volume, { from, to })) return undefined
    if (hasIds && !this.#record.ids(columns.ids, { from, to })) return undefined
    return {
      from,
      to,
      priceScale,
      volumeScale,
      isOrdered: this.#record.isOrdered,
      hasIds: hasIds && this.#record.hasId,
    }
  }

  #said(count: number, tape: (typeof TAPES)[number]): SaidConditions | undefined {
    const texts: string[] = []
    const different = this.#record.byte()
    if (different > COMPACT_LIMITS.conditions) return undefined
    for (let index = 0; index < different; index++) {
      const text = this.#record.text('')
      if (text === NOT_PLAIN) return undefined
      texts.push(text)
    }
    const numbers = this.#record.take(count)
    return numbers && this.#conditions.of(texts, numbers, tape)
  }

  #sides(count: number): Sides | typeof NOT_PLAIN {
    const bytes = this.#record.take(sideBytes(count))
    const sides = bytes === undefined ? NOT_PLAIN : readSides(bytes, count)
    return sides === NOT_PLAIN || typeof sides === 'string' ? NOT_PLAIN : knownSides(sides)
  }

  /** Whether the text that comes is the partition key. */
  #symbol(partitionKey: string): boolean {
    return this.#record.text(partitionKey) === partitionKey
  }
}

const NO_CONDITIONS: SaidConditions = { texts: undefined, updates: undefined }

/** In columns of their own, since those that records share say nothing of what a trade updates. */
function withUpdates(trades: Trades, updates: Uint8Array | undefined): Trades {
  if (updates === undefined) return trades
  const { columns, from, to } = trades
  return {
    ...trades,
    columns: {
      seconds: columns.seconds.subarray(from, to),
      nanos: columns.nanos.subarray(from, to),
      price: columns.price.subarray(from, to),
      volume: columns.volume.subarray(from, to),
      ids: columns.ids.subarray(from, to),
      updates,
    },
    from: 0,
    to: to - from,
    hasUpdates: updates.some((each) => each !== UPDATES.all),
  }
}
