import { formatDecimal } from '../../domain/decimal.ts'
import { sideNamed } from '../../domain/side.ts'
import {
  CHECKSUM_BYTES,
  COMPACT_LIMITS,
  COMPACT_VERSIONS,
  type CompactHead,
  CompactRecordError,
  FLAGS,
  hasItsChecksum,
  isCompactVersion,
  TAPE_SHIFT,
  TAPES,
} from './compact-record.ts'
import { readSides, sideBytes } from './compact-sides.ts'
import { withHead } from './compact-writer.ts'
import { formatExactJson, parseExactJson } from './exact-json.ts'

/**
 * The JSON record that a compact one stands for, every number exact. This is the careful reader, for records with something
 * wrong in them and for people; the fast one is `functions/aggregator/scan-compact.ts`.
 *
 * @throws CompactRecordError when it is damaged, or of another version
 */
export function compactToJson(bytes: Uint8Array): string {
  const reader = new Reader(bytes)
  const { head, has } = readHead(reader)
  const { symbol, source, sequence, line, isContiguous, tape } = head
  const said = [
    `"symbol":${JSON.stringify(symbol)}`,
    ...(source === undefined ? [] : [`"source":${JSON.stringify(source)}`]),
    ...(sequence === undefined ? [] : [`"sequence":${sequence}`]),
    ...(line === undefined ? [] : [`"line":${JSON.stringify(line)}`]),
    ...(isContiguous ? ['"contiguous":true'] : []),
    ...(tape === undefined ? [] : [`"tape":"${tape}"`]),
  ]
  return `{${said.join(',')},"ticks":[${readTicks(reader, has).join(',')}]}`
}

/**
 * The same trades as of another producer. Their ids go on counting on the line that they have counted on.
 *
 * @throws CompactRecordError
 */
export function withProducer(
  bytes: Uint8Array,
  producer: { readonly source: string; readonly sequence: number },
): { readonly symbol: string; readonly bytes: Buffer } {
  const reader = new Reader(bytes)
  const { head, has } = readHead(reader)
  const { symbol, source = '', line = has.ids ? source : undefined } = head
  const trades = bytes.subarray(reader.at, bytes.length - CHECKSUM_BYTES)
  return { symbol, bytes: withHead({ ...head, ...producer, line }, { trades, has }) }
}

type Head = {
  readonly head: Omit<CompactHead, 'sequence'> & { readonly sequence: bigint | undefined }
  readonly has: { readonly ids: boolean; readonly conditions: boolean; readonly sides: boolean }
}

function readHead(reader: Reader): Head {
  const version = reader.begin()
  const flags = reader.byte()
  const symbol = reader.text()
  const source = flags & FLAGS.source ? reader.text() : undefined
  const sequence = flags & FLAGS.sequence ? reader.varint() : undefined
  const line = flags & FLAGS.line ? reader.text() : undefined
  const isContiguous = (flags & FLAGS.contiguous) !== 0
  const tape = TAPES[flags >> TAPE_SHIFT]
  return {
    head: { symbol, source, sequence, line, isContiguous, tape },
    has: {
      ids: (flags & FLAGS.ids) !== 0,
      conditions: (flags & FLAGS.conditions) !== 0,
      sides: version === COMPACT_VERSIONS.sides,
    },
  }
}

/** The trades as JSON: the elements of `ticks`. */
function readTicks(reader: Reader, has: Head['has']): string[] {
  const { timeDecimals, decimals, trades } = COMPACT_LIMITS
  const scales = [
    reader.small('decimals of times', timeDecimals),
    reader.small('decimals of prices', decimals),
    reader.small('decimals of volumes', decimals),
  ] as const
  const count = reader.small('trades', trades)
  const start = reader.varint() * 10n ** BigInt(scales[0])
  const times = reader.deltas(count, start).map((units) => formatDecimal(units, scales[0]))
  const prices = reader.deltas(count, 0n).map((units) => formatDecimal(units, scales[1]))
  const volumes = reader.varints(count).map((units) => formatDecimal(units, scales[2]))
  const ids = has.ids ? idsOf(reader.varints(count)) : []
  const conditions = has.conditions ? readConditions(reader, count) : []
  const sides = has.sides ? sidesOf(reader, count) : undefined
  reader.end()
  return times.map((time, index) => {
    const [id, said, side] = [ids[index], conditions[index], sideNamed(sides?.[index])]
    const amounts = `${time},${prices[index]},${volumes[index]}`
    if (side !== undefined) return `[${amounts},${id ?? 'null'},${said ?? 'null'},"${side}"]`
    if (said !== undefined) return `[${amounts},${id ?? 'null'},${said}]`
    return id === undefined ? `[${amounts}]` : `[${amounts},${id}]`
  })
}

function idsOf(written: readonly bigint[]): (bigint | undefined)[] {
  let before = 0n
  return written.map((each) => {
    if (each === 0n) return undefined
    before += signed(each - 1n)
    return before
  })
}

function readConditions(reader: Reader, count: number): (string | undefined)[] {
  const { conditions: most } = COMPACT_LIMITS
  const dictionary = Array.from({ length: reader.small('different conditions', most) }, () =>
    jsonOf(reader.text()),
  )
  return Array.from({ length: count }, () => {
    const number = reader.byte()
    if (number > dictionary.length)
      throw new CompactRecordError(`a trade names conditions ${number} of ${dictionary.length}`)
    return dictionary[number - 1]
  })
}

function sidesOf(reader: Reader, count: number): Int8Array {
  const bytes = Uint8Array.from({ length: sideBytes(count) }, () => reader.byte())
  const sides = readSides(bytes, count)
  if (typeof sides === 'string') throw new CompactRecordError(`the record is compact, and ${sides}`)
  return sides
}

function jsonOf(text: string): string {
  try {
    if (Buffer.byteLength(text) <= COMPACT_LIMITS.conditionBytes) return formatExactJson(parseExactJson(text))
  } catch {
    // Said below.
  }
  throw new CompactRecordError(
    `conditions are ${JSON.stringify(text)}; send at most ${COMPACT_LIMITS.conditionBytes} bytes of JSON`,
  )
}

function signed(value: bigint): bigint {
  return value & 1n ? -(value + 1n) / 2n : value / 2n
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #end: number
  at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#end = bytes.length - CHECKSUM_BYTES
  }

  /** Magic and checksum; the version. */
  begin(): number | undefined {
    const version = this.#bytes[3]
    if (version !== undefined && !isCompactVersion(version))
      throw new CompactRecordError(
        `the record is compact of version ${version}, and this release reads version ${Object.values(COMPACT_VERSIONS).join(' and ')}; send those, or JSON`,
      )
    if (!hasItsChecksum(this.#bytes, 0, this.#bytes.length))
      throw new CompactRecordError('the record is compact, and its checksum is another; send it whole')
    this.at = 4
    return version
  }

  byte(): number {
    const byte = this.#bytes[this.at++]
    if (byte === undefined || this.at > this.#end)
      throw new CompactRecordError('the record is compact, and ends before its trades do; send it whole')
    return byte
  }

  varint(): bigint {
    let value = 0n
    for (let index = 0; index < COMPACT_LIMITS.varintBytes; index++) {
      const byte = this.byte()
      value |= BigInt(byte & 127) << BigInt(7 * index)
      if (byte < 128) return value
    }
    throw new CompactRecordError(
      `the record is compact, and a number in it has more than ${COMPACT_LIMITS.varintBytes} bytes`,
    )
  }

  /** @throws CompactRecordError when it is above a limit */
  small(what: string, most: number): number {
    const value = this.varint()
    if (value > BigInt(most))
      throw new CompactRecordError(`the record is compact, and has ${value} ${what}; at most ${most} may be`)
    return Number(value)
  }

  text(): string {
    const length = this.byte()
    const start = this.at
    this.at += length
    if (this.at > this.#end)
      throw new CompactRecordError('the record is compact, and ends before its texts do; send it whole')
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
        this.#bytes.subarray(start, this.at),
      )
    } catch (cause) {
      throw new CompactRecordError('the record is compact, and a text in it is not UTF-8', { cause })
    }
  }

  varints(count: number): bigint[] {
    const read: bigint[] = []
    for (let index = 0; index < count; index++) read.push(this.varint())
    return read
  }

  /** Numbers of which each is told by its distance from the one before. */
  deltas(count: number, start: bigint): bigint[] {
    let sum = start
    return this.varints(count).map((each) => (sum += signed(each)))
  }

  end(): void {
    if (this.at !== this.#end)
      throw new CompactRecordError(
        `the record is compact, and has ${this.#end - this.at} bytes behind its trades; leave them out`,
      )
  }
}
