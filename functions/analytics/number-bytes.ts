/**
 * Numbers as bytes: whole ones up to 2⁵² in one to eight, the smaller the fewer, all others as the eight of a double
 * after a 1. Every number comes back as it was.
 */
export class NumberWriter {
  #bytes = Buffer.allocUnsafeSlow(2048)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  number(value: number): void {
    if (this.#length + MAX_BYTES > this.#bytes.length) this.#grow(MAX_BYTES)
    const bytes = this.#bytes
    if (Math.abs(value) <= MAX_WHOLE && Math.trunc(value) === value && !Object.is(value, -0)) {
      // Zigzag, then a bit of 0, which distinguishes it from the 1; seven bits a byte, the eighth set when more follow.
      let rest = value < 0 ? -4 * value - 2 : 4 * value
      for (; rest >= 2 ** 32; rest = Math.floor(rest / 128)) bytes[this.#length++] = (rest % 128) | 128
      while (rest >= 128) {
        bytes[this.#length++] = (rest & 127) | 128
        rest >>>= 7
      }
      bytes[this.#length++] = rest
    } else {
      bytes[this.#length] = 1
      this.#view.setFloat64(this.#length + 1, value)
      this.#length += MAX_BYTES
    }
  }

  text(value: string): void {
    const length = Buffer.byteLength(value)
    this.number(length)
    if (this.#length + length > this.#bytes.length) this.#grow(length)
    this.#length += this.#bytes.write(value, this.#length)
  }

  /** What was written since it was made, or since this was last asked. */
  end(): Uint8Array {
    const written = new Uint8Array(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    return written
  }

  #grow(by: number): void {
    const bytes = Buffer.allocUnsafeSlow(2 * this.#bytes.length + by)
    this.#bytes.copy(bytes)
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}

const MAX_WHOLE = 2 ** 52
const MAX_BYTES = 9

/** Reads what `NumberWriter` wrote. */
export class NumberReader {
  readonly #bytes: Buffer
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** @throws RangeError past the end */
  number(): number {
    const first = this.#byte()
    if (first === 1) {
      this.#at += 8
      return this.#view.getFloat64(this.#at - 8)
    }
    // Four bytes fit into a small integer, and so do the four that may follow.
    let byte = first
    let low = first & 127
    for (let shift = 7; byte >= 128 && shift < 28; shift += 7) {
      byte = this.#byte()
      low |= (byte & 127) << shift
    }
    if (byte < 128) return (low & 3) === 0 ? low >> 2 : -((low + 2) >> 2)
    let high = 0
    for (let shift = 0; byte >= 128; shift += 7) {
      byte = this.#byte()
      high |= (byte & 127) << shift
    }
    const value = low + high * 2 ** 28
    return value % 4 === 0 ? value / 4 : -(value + 2) / 4
  }

  /** @throws RangeError past the end */
  text(): string {
    const length = this.number()
    this.#at += length
    if (this.#at > this.#bytes.length) throw new RangeError('the bytes end within a text')
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }

  isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new RangeError('the bytes end within a number')
    return byte
  }
}
