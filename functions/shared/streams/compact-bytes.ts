import { crc32 } from 'node:zlib'

import { CHECKSUM_BYTES } from './compact-record.ts'

/** A whole number; a bigint where a double would not be exact. */
export type Units = number | bigint

/** Twice as much is exact. */
const HALF = 2 ** 51

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function bigZigzag(value: bigint): bigint {
  return value < 0n ? -2n * value - 1n : 2n * value
}

/** Bytes that one record after the other is written into; a longer one has its own. */
const shared = Buffer.allocUnsafe(1 << 16)

/** Writes into bytes that are long enough, one record at a time. */
export class CompactBytes {
  readonly #bytes: Buffer
  #at = 0

  constructor(capacity: number) {
    const bytes = capacity + CHECKSUM_BYTES
    this.#bytes = bytes <= shared.length ? shared : Buffer.allocUnsafe(bytes)
  }

  byte(value: number): void {
    this.#bytes[this.#at++] = value
  }

  bytes(values: Uint8Array): void {
    this.#bytes.set(values, this.#at)
    this.#at += values.length
  }

  text(text: string): void {
    const length = this.#bytes.write(text, this.#at + 1)
    this.#bytes[this.#at] = length
    this.#at += length + 1
  }

  /** Seven bits a byte, the lowest first; all but the last with the eighth bit. */
  varint(value: Units): void {
    if (typeof value === 'bigint') {
      this.#bigVarint(value)
      return
    }
    let left = value
    while (left >= 2 ** 31) {
      this.#bytes[this.#at++] = (left % 128) | 128
      left = Math.floor(left / 128)
    }
    while (left > 127) {
      this.#bytes[this.#at++] = (left & 127) | 128
      left >>>= 7
    }
    this.#bytes[this.#at++] = left
  }

  /** Zigzag: 0, −1, 1, −2, ... as 0, 1, 2, 3, ... */
  signed(value: Units): void {
    if (typeof value === 'bigint') this.#bigVarint(bigZigzag(value))
    else if (value <= HALF && value >= -HALF) this.varint(zigzag(value))
    else this.#bigVarint(bigZigzag(BigInt(value)))
  }

  /** 0 for none, else one more than as a signed number. */
  optional(value: number | undefined): void {
    if (value === undefined) this.byte(0)
    else if (value <= HALF && value >= -HALF) this.varint(zigzag(value) + 1)
    else this.#bigVarint(bigZigzag(BigInt(value)) + 1n)
  }

  #bigVarint(value: bigint): void {
    let left = value
    while (left > 127n) {
      this.#bytes[this.#at++] = Number(left & 127n) | 128
      left >>= 7n
    }
    this.#bytes[this.#at++] = Number(left)
  }

  /** The bytes with their checksum, of their own length. */
  end(): Buffer {
    const written = this.#bytes.subarray(0, this.#at)
    this.#bytes.writeUInt32LE(crc32(written), this.#at)
    return Buffer.from(this.#bytes.subarray(0, this.#at + CHECKSUM_BYTES))
  }
}
