export { NumberReader } from './number-reader.ts'

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
    const small = value | 0
    if (small === value && isSmall(small) && (small !== 0 || !Object.is(value, -0)))
      this.#length = writeSmall(this.#bytes, this.#length, small)
    else if (Math.abs(value) <= MAX_WHOLE && Math.trunc(value) === value && value !== 0) this.#large(value)
    else {
      this.#bytes[this.#length] = 1
      this.#view.setFloat64(this.#length + 1, value)
      this.#length += MAX_BYTES
    }
  }

  /** Writes whole numbers, of which there are `count`, each as the difference to the one before. */
  differences(values: readonly number[], count: number): void {
    if (this.#length + MAX_BYTES * count > this.#bytes.length) this.#grow(MAX_BYTES * count)
    const bytes = this.#bytes
    let length = this.#length
    let last = 0
    for (let place = 0; place < count; place++) {
      const value = values[place] ?? 0
      const difference = value - last
      last = value
      const small = difference | 0
      if (small === difference && isSmall(small)) length = writeSmall(bytes, length, small)
      else {
        this.#length = length
        this.number(difference)
        length = this.#length
      }
    }
    this.#length = length
  }

  #large(value: number): void {
    const bytes = this.#bytes
    let rest = value < 0 ? -4 * value - 2 : 4 * value
    for (; rest >= 2 ** 32; rest = Math.floor(rest / 128)) bytes[this.#length++] = (rest % 128) | 128
    while (rest >= 128) {
      bytes[this.#length++] = (rest & 127) | 128
      rest >>>= 7
    }
    bytes[this.#length++] = rest
  }

  text(value: string): void {
    const length = Buffer.byteLength(value)
    this.number(length)
    if (this.#length + length > this.#bytes.length) this.#grow(length)
    this.#length += this.#bytes.write(value, this.#length)
  }

  /** Writes a text that was encoded before. */
  textBytes(value: Uint8Array): void {
    this.number(value.length)
    if (this.#length + value.length > this.#bytes.length) this.#grow(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /** What was written since it was made, or since this was last asked. */
  end(): Uint8Array {
    const written = Buffer.allocUnsafe(this.#length)
    this.#bytes.copy(written, 0, 0, this.#length)
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

/** Four times such a number is a small integer of the engine. */
function isSmall(value: number): boolean {
  return value < 2 ** 28 && value > -(2 ** 28)
}

/**
 * Zigzag, then a bit of 0, which distinguishes it from the 1; seven bits a byte, the eighth set when more follow. Without a
 * branch for the sign, which would be guessed wrong at every second difference of two prices.
 *
 * @returns the place after it
 */
function writeSmall(bytes: Uint8Array, at: number, value: number): number {
  const sign = value >> 31
  let rest = ((value << 2) ^ sign) + sign
  let place = at
  while (rest >= 128) {
    bytes[place++] = (rest & 127) | 128
    rest >>>= 7
  }
  bytes[place] = rest
  return place + 1
}

const MAX_WHOLE = 2 ** 52
const MAX_BYTES = 9
