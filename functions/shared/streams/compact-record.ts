import { crc32 } from 'node:zlib'

/**
 * The compact record of the stream `ticks`: the trades of one symbol as columns of varint deltas. docs/streams.md has it byte
 * by byte. A record without sides has the first version, which every release reads; one with sides has the second.
 */
export const COMPACT_VERSIONS = { plain: 1, sides: 2 } as const

/** No text in UTF-8 has the first byte; gzip and the Kinesis Producer Library begin with others. */
export const COMPACT_MAGIC: readonly number[] = [0xff, 0x54, 0x4b]

/** Of the byte behind the version. The two highest bits are the tape: none, A, B, C. */
export const FLAGS = {
  source: 0x01,
  sequence: 0x02,
  line: 0x04,
  contiguous: 0x08,
  ids: 0x10,
  conditions: 0x20,
} as const
export const TAPE_SHIFT = 6
export const TAPES = [undefined, 'A', 'B', 'C'] as const

/** What a record may hold, so that one from outside can ask for no more memory than this allows. */
export const COMPACT_LIMITS = {
  trades: 100_000,
  /** Bytes of symbol, source and line. */
  textBytes: 255,
  /** Different conditions, and bytes of the JSON of each. */
  conditions: 127,
  conditionBytes: 127,
  /** 126 bits. */
  varintBytes: 18,
  timeDecimals: 9,
  decimals: 18,
} as const

/** Bytes at the end. */
export const CHECKSUM_BYTES = 4

/** What a record says for all of its trades. */
export type CompactHead = {
  readonly symbol: string
  readonly source?: string | undefined
  readonly sequence?: number | undefined
  readonly line?: string | undefined
  readonly isContiguous: boolean
  readonly tape?: (typeof TAPES)[number]
}

/** A record begins as a compact one and is none that this release reads. */
export class CompactRecordError extends Error {
  override readonly name = 'CompactRecordError'
}

export function isCompactVersion(version: number | undefined): boolean {
  return version === COMPACT_VERSIONS.plain || version === COMPACT_VERSIONS.sides
}

/** Whether a record that lies in some bytes begins as a compact one. */
export function isCompact(bytes: Uint8Array, start = 0): boolean {
  return (
    bytes[start] === COMPACT_MAGIC[0] &&
    bytes[start + 1] === COMPACT_MAGIC[1] &&
    bytes[start + 2] === COMPACT_MAGIC[2]
  )
}

/** Whether the last bytes of a record, from `start` to `end`, are the checksum of those before. */
export function hasItsChecksum(bytes: Uint8Array, start: number, end: number): boolean {
  const at = end - CHECKSUM_BYTES
  const written =
    ((bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)) >>>
    0
  return at > start && crc32(bytes.subarray(start, at)) === written
}
