/** Reads what `NumberWriter` wrote. */
export class NumberReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** @throws RangeError past the end */
  number(): number {
    const first = this.#byte()
    if (first === 1) {
      this.#at += 8
      return this.#view.getFloat64(this.#at - 8)
    }
    return first < 128 ? smallOf(first) : this.#longer(first)
  }

  /**
   * Reads `count` numbers that were written as differences into the places from `from` on of a ring whose length is a power of
   * two, each times `unit`.
   *
   * @throws RangeError past the end
   */
  differences(
    ring: number[],
    { from, count, unit }: { readonly from: number; readonly count: number; readonly unit: number },
  ): void {
    const bytes = this.#bytes
    const mask = ring.length - 1
    let value = 0
    for (let place = from; place < from + count; place++) {
      const first = bytes[this.#at] ?? 1
      const second = bytes[this.#at + 1] ?? 128
      if (first < 128 && first !== 1) {
        this.#at++
        value += smallOf(first)
      } else if (first >= 128 && second < 128) {
        this.#at += 2
        value += smallOf((first & 127) | (second << 7))
      } else value += this.number()
      ring[place & mask] = value * unit
    }
  }

  /** A number of more than a byte. */
  #longer(first: number): number {
    // Four bytes fit into a small integer, and so do the four that may follow.
    let byte = first
    let low = first & 127
    for (let shift = 7; byte >= 128 && shift < 28; shift += 7) {
      byte = this.#byte()
      low |= (byte & 127) << shift
    }
    if (byte < 128) return smallOf(low)
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
    const bytes = this.#textBytes()
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  }

  /** Passes a text if it is this one, and stays before it if it is not. */
  passText(bytes: Uint8Array): boolean {
    const start = this.#at
    if (this.number() === bytes.length) {
      const from = this.#at
      let place = 0
      while (place < bytes.length && this.#bytes[from + place] === bytes[place]) place++
      this.#at = from + place
      if (place === bytes.length) return true
    }
    this.#at = start
    return false
  }

  isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  #textBytes(): Uint8Array {
    const length = this.number()
    this.#at += length
    if (this.#at > this.#bytes.length) throw new RangeError('the bytes end within a text')
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new RangeError('the bytes end within a number')
    return byte
  }
}

/** What `writeSmall` wrote, without a branch for the sign. */
function smallOf(rest: number): number {
  const sign = 0 - ((rest >> 1) & 1)
  return (((rest + (rest & 2)) >> 2) ^ sign) - sign
}
