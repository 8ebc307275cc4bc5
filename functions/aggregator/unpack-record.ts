import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'

import { compactToJson } from '../shared/streams/compact-reader.ts'
import { CompactRecordError, isCompact } from '../shared/streams/compact-record.ts'

/** Bytes of one record on the stream `ticks`, with the partition key that they were put with. */
export type Unpacked = { readonly partitionKey: string; readonly bytes: Uint8Array }

/** A record says that it is packed in some way, and is not. */
export class UnpackError extends Error {
  override readonly name = 'UnpackError'
}

/** What a compressed record may hold: ten times the largest record of Kinesis. */
const MAX_UNPACKED_BYTES = 10 * 1024 * 1024
/** Bytes of JSON that a byte of a compact record may stand for; what is packed in another way stands for no more. */
const JSON_OF_COMPACT = 10
/** As many texts may lie in a record: trades of a symbol go together in one text, which takes any number of them. */
const MAX_TEXTS = 100_000
/** Gzip within an aggregated record within gzip, and a byte order mark; there is gzip that decompresses to itself. */
const MAX_DEPTH = 4
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]
const GZIP = [0x1f, 0x8b]
/** https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md */
const AGGREGATED = [0xf3, 0x89, 0x9a, 0xc2]
const DIGEST_BYTES = 16
const NEWLINE = 0x0a

/**
 * The JSON texts and compact records in a record: as it lies there, compressed with gzip, several with a line each, or put
 * together by the Kinesis Producer Library, and these in each other.
 *
 * @throws UnpackError when a packed record is damaged or too large
 */
export function unpackRecord(record: Unpacked): readonly Unpacked[] {
  const texts: Unpacked[] = []
  collect(record, { depth: 0, bytesLeft: MAX_UNPACKED_BYTES, texts })
  return texts
}

type Unpacking = { depth: number; bytesLeft: number; readonly texts: Unpacked[] }

function collect({ partitionKey, bytes }: Unpacked, unpacking: Unpacking): void {
  if (unpacking.depth > MAX_DEPTH)
    throw new UnpackError(`the record is packed more than ${MAX_DEPTH} times; pack it once`)
  const inner = (record: Unpacked): void => {
    unpacking.depth++
    collect(record, unpacking)
    unpacking.depth--
  }
  if (startsWith(bytes, GZIP)) {
    const text = decompressed(bytes, unpacking.bytesLeft)
    unpacking.bytesLeft -= text.length
    inner({ partitionKey, bytes: text })
  } else if (isCompact(bytes)) {
    if (unpacking.depth > 0) unpacking.bytesLeft -= JSON_OF_COMPACT * bytes.length
    if (unpacking.bytesLeft < 0)
      throw new UnpackError(
        `the record holds compact records of more than ${MAX_UNPACKED_BYTES / JSON_OF_COMPACT} bytes; put them alone`,
      )
    refuseMore(unpacking.texts)
    unpacking.texts.push({ partitionKey, bytes })
  } else if (startsWith(bytes, AGGREGATED)) for (const record of deaggregated(bytes)) inner(record)
  else if (startsWith(bytes, BYTE_ORDER_MARK)) inner({ partitionKey, bytes: bytes.subarray(3) })
  else
    for (const line of linesOf(bytes)) {
      refuseMore(unpacking.texts)
      unpacking.texts.push({ partitionKey, bytes: line })
    }
}

/** True for a record that may be more than one plain text or compact record. */
export function isPacked(bytes: Uint8Array): boolean {
  if (isCompact(bytes)) return false
  return (
    [GZIP, AGGREGATED, BYTE_ORDER_MARK].some((start) => startsWith(bytes, start)) || bytes.includes(NEWLINE)
  )
}

/**
 * The JSON of what lies in a record: of a compact one, what it stands for.
 *
 * @throws UnpackError when it is compact and damaged
 */
export function jsonOf(bytes: Uint8Array): string {
  if (!isCompact(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  try {
    return compactToJson(bytes)
  } catch (error) {
    if (error instanceof CompactRecordError) throw new UnpackError(error.message, { cause: error })
    throw error
  }
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

/**
 * The lines of a text of several JSON objects; the whole where a line feed may be white space within one.
 *
 * @throws UnpackError when there are more than a record may hold
 */
function linesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = []
  let start = 0
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start)
    if (newline < 0 && start === 0) return [bytes]
    const end = newline < 0 ? bytes.length : newline
    const first = firstVisible(bytes, start, end)
    if (first < end) {
      if (bytes[first] !== OPEN_BRACE || bytes[lastVisible(bytes, first, end)] !== CLOSE_BRACE) return [bytes]
      refuseMore(lines)
      lines.push(bytes.subarray(start, end))
    }
    start = end + 1
  }
  return lines.length > 1 ? lines : [bytes]
}

const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const SPACE = 0x20

/** The place of the first character that is no white space, or the end. */
function firstVisible(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && (bytes[at] ?? 0) <= SPACE) at++
  return at
}

/** The place of the last one; there is one from `start` on. */
function lastVisible(bytes: Uint8Array, start: number, end: number): number {
  let at = end - 1
  while (at > start && (bytes[at] ?? 0) <= SPACE) at--
  return at
}

function refuseMore(texts: readonly unknown[]): void {
  if (texts.length < MAX_TEXTS) return
  throw new UnpackError(
    `the record holds more than ${MAX_TEXTS} texts; put the trades of a symbol into one, as docs/streams.md shows`,
  )
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
