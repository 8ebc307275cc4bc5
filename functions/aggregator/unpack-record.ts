import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'

/** Bytes of one record on the stream `ticks`, with the partition key that they were put with. */
export type Unpacked = { readonly partitionKey: string; readonly bytes: Uint8Array }

/** A record says that it is packed in some way, and is not. */
export class UnpackError extends Error {
  override readonly name = 'UnpackError'
}

/** What a compressed record may hold: ten times the largest record of Kinesis. */
const MAX_UNPACKED_BYTES = 10 * 1024 * 1024
/** Gzip within an aggregated record within gzip, and a byte order mark; there is gzip that decompresses to itself. */
const MAX_DEPTH = 4
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]
const GZIP = [0x1f, 0x8b]
/** https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md */
const AGGREGATED = [0xf3, 0x89, 0x9a, 0xc2]
const DIGEST_BYTES = 16
const NEWLINE = 0x0a

/**
 * The JSON texts in a record: as it lies there, compressed with gzip, several with a line each, or put together by the
 * Kinesis Producer Library, and these in each other.
 *
 * @throws UnpackError when a packed record is damaged or too large
 */
export function unpackRecord(record: Unpacked): readonly Unpacked[] {
  return unpacked(record, { depth: 0, bytesLeft: MAX_UNPACKED_BYTES })
}

type Budget = { readonly depth: number; bytesLeft: number }

function unpacked({ partitionKey, bytes }: Unpacked, budget: Budget): readonly Unpacked[] {
  if (budget.depth > MAX_DEPTH)
    throw new UnpackError(`the record is packed more than ${MAX_DEPTH} times; pack it once`)
  const inner = (record: Unpacked): readonly Unpacked[] => {
    const within = { depth: budget.depth + 1, bytesLeft: budget.bytesLeft }
    const found = unpacked(record, within)
    budget.bytesLeft = within.bytesLeft
    return found
  }
  if (startsWith(bytes, GZIP)) {
    const text = decompressed(bytes, budget.bytesLeft)
    budget.bytesLeft -= text.length
    return inner({ partitionKey, bytes: text })
  }
  if (startsWith(bytes, AGGREGATED)) return deaggregated(bytes).flatMap(inner)
  if (startsWith(bytes, BYTE_ORDER_MARK)) return inner({ partitionKey, bytes: bytes.subarray(3) })
  return linesOf(bytes).map((line) => ({ partitionKey, bytes: line }))
}

/** True for a record that is more than one plain text. */
export function isPacked(bytes: Uint8Array): boolean {
  return (
    [GZIP, AGGREGATED, BYTE_ORDER_MARK].some((start) => startsWith(bytes, start)) || linesOf(bytes).length > 1
  )
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte)
}

function decompressed(bytes: Uint8Array, maxOutputLength: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.max(1, maxOutputLength) })
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new UnpackError(
      `the record begins as gzip and cannot be decompressed (${message}); send it whole, and at most ${MAX_UNPACKED_BYTES} bytes of text`,
      { cause },
    )
  }
}

/** The lines of a text of several JSON objects; the whole where a line feed may be white space within one. */
function linesOf(bytes: Uint8Array): readonly Uint8Array[] {
  if (!bytes.includes(NEWLINE)) return [bytes]
  const lines: Uint8Array[] = []
  let start = 0
  for (let end = 0; end <= bytes.length; end++) {
    if (end < bytes.length && bytes[end] !== NEWLINE) continue
    const line = bytes.subarray(start, end)
    if (line.some((byte) => byte > 0x20)) lines.push(line)
    start = end + 1
  }
  return lines.length > 1 && lines.every(isObject) ? lines : [bytes]
}

const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

function isObject(line: Uint8Array): boolean {
  return line.find(isVisible) === OPEN_BRACE && line.findLast(isVisible) === CLOSE_BRACE
}

function isVisible(byte: number): boolean {
  return byte > 0x20
}

/** The records that the Kinesis Producer Library put together: magic, a protobuf message, its MD5. */
function deaggregated(bytes: Uint8Array): Unpacked[] {
  const message = bytes.subarray(AGGREGATED.length, bytes.length - DIGEST_BYTES)
  const digest = bytes.subarray(bytes.length - DIGEST_BYTES)
  if (!createHash('md5').update(message).digest().equals(digest))
    throw new UnpackError(
      'the record begins as one of the Kinesis Producer Library, and its MD5 is another; send it whole',
    )
  const keys: string[] = []
  const records: { readonly key: number; readonly bytes: Uint8Array }[] = []
  for (const { field, value } of fieldsOf(message)) {
    if (typeof value === 'number') continue
    if (field === 1) keys.push(Buffer.from(value).toString('utf8'))
    if (field === 3) records.push(userRecord(value))
  }
  return records.map(({ key, bytes: data }) => {
    const partitionKey = keys[key]
    if (partitionKey === undefined)
      throw new UnpackError(`a record names partition key ${key} of ${keys.length}`)
    return { partitionKey, bytes: data }
  })
}

function userRecord(message: Uint8Array): { readonly key: number; readonly bytes: Uint8Array } {
  let key = -1
  let bytes: Uint8Array | undefined
  for (const { field, value } of fieldsOf(message)) {
    if (field === 1 && typeof value === 'number') key = value
    if (field === 3 && typeof value !== 'number') bytes = value
  }
  if (bytes === undefined) throw new UnpackError('a record of the Kinesis Producer Library has no data')
  return { key, bytes }
}

type Field = { readonly field: number; readonly value: number | Uint8Array }

/** The fields of a protobuf message, those of fixed width left out: https://protobuf.dev/programming-guides/encoding */
function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++]
      if (byte === undefined || factor > 2 ** 49) throw new UnpackError('a protobuf message is cut short')
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    switch (tag % 8) {
      case 0:
        fields.push({ field, value: varint() })
        break
      case 1:
        at += 8
        break
      case 2: {
        const length = varint()
        if (at + length > message.length) throw new UnpackError('a protobuf message is cut short')
        fields.push({ field, value: message.subarray(at, at + length) })
        at += length
        break
      }
      case 5:
        at += 4
        break
      default:
        throw new UnpackError(`a protobuf message has a field of type ${tag % 8}`)
    }
  }
  return fields
}
