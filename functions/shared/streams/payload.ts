const INITIAL_BYTES = 16_384

/**
 * The decoded data of a record. One instance decodes all records of a batch, in a buffer that it reuses: `bytes` and
 * `length` are valid until the next record is decoded.
 */
export class Payload {
  bytes = Buffer.allocUnsafe(INITIAL_BYTES)
  /** How many of `bytes` the record takes. */
  length = 0

  /** Decodes base64. A zero follows the data, for scanners that read one byte past its end. */
  decode(data: string): void {
    if (data.length >= this.bytes.length) this.bytes = Buffer.allocUnsafe(2 * data.length)
    this.length = this.bytes.write(data, 'base64')
    this.bytes[this.length] = 0
  }

  /** The data as UTF-8 text. */
  text(): string {
    return this.bytes.toString('utf8', 0, this.length)
  }
}
