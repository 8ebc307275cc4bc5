import type { KinesisStreamRecord } from 'aws-lambda'

import { isSymbol, type TickRun } from '../domain/tick.ts'
import type { RejectedRecord } from '../shared/dead-letters/dead-letters.ts'
import { type ParsedRecord, parseTicks, type RecordOrigin } from './parse-ticks.ts'
import { TickScanner } from './scan-ticks.ts'

/** A Kinesis batch, by symbol; within a symbol in the order of the shard. */
export type DecodedBatch = {
  readonly runs: ReadonlyMap<string, readonly TickRun[]>
  readonly rejected: readonly RejectedRecord[]
}

/** Decodes a batch of the stream `ticks`. Never throws: what cannot be read is among the rejected. */
export function decodeBatch(records: readonly KinesisStreamRecord[]): DecodedBatch {
  const runs = new Map<string, TickRun[]>()
  const rejected: RejectedRecord[] = []
  const decoder = new RecordDecoder()
  for (const record of records) {
    const { sequenceNumber, approximateArrivalTimestamp, partitionKey, data } = record.kinesis
    const arrivedAt = Math.round(approximateArrivalTimestamp * 1000)
    const parsed = decoder.decode(data, { partitionKey, arrivedAt })
    if (parsed.rejections.length > 0) rejected.push({ record, rejections: parsed.rejections })
    if (parsed.ticks.length === 0) continue
    const run = { sequenceNumber, arrivedAt, producer: parsed.producer, ticks: parsed.ticks }
    const others = runs.get(parsed.symbol)
    if (others === undefined) runs.set(parsed.symbol, [run])
    else others.push(run)
  }
  return { runs, rejected }
}

const INITIAL_BYTES = 16_384

class RecordDecoder {
  readonly #scanner = new TickScanner()
  readonly #known = new Set<string>()
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES)

  decode(data: string, origin: RecordOrigin): ParsedRecord {
    if (data.length >= this.#bytes.length) this.#bytes = Buffer.allocUnsafe(2 * data.length)
    const length = this.#bytes.write(data, 'base64')
    // The scanner reads one byte past the end; that byte must be none of an earlier record.
    this.#bytes[length] = 0
    const plain = this.#isKnown(origin.partitionKey)
      ? this.#scanner.scan(this.#bytes, length, origin)
      : undefined
    return plain ?? parseTicks(this.#bytes.toString('utf8', 0, length), origin)
  }

  #isKnown(symbol: string): boolean {
    if (this.#known.has(symbol)) return true
    if (!isSymbol(symbol)) return false
    this.#known.add(symbol)
    return true
  }
}
