import type { KinesisStreamRecord } from 'aws-lambda'

/**
 * Characters of base64 that are decoded in one go: a call to the decoder costs as much as the data of a few small records.
 */
const CHUNK = 65_536
const PADDING = 0x3d

/** The decoded data of a record: `bytes` from `start` to `end`, valid until the next record is taken. */
export type Payload = {
  /** At least one byte follows the data, for scanners that read one byte past its end. */
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** The data as UTF-8 text. */
  text(): string
}

/** Decodes the records of a batch one after the other, in a buffer that it reuses. */
export class PayloadReader implements Payload {
  readonly #records: readonly KinesisStreamRecord[]
  /** Place of the next record, of the first that is not decoded, and of the first that may be decoded with others. */
  #next = 0
  #decoded = 0
  #together = 0
  /** Where the next record begins in `bytes`. */
  #offset = 0
  bytes = Buffer.allocUnsafe(0)
  start = 0
  end = 0

  constructor(records: readonly KinesisStreamRecord[]) {
    this.#records = records
  }

  /** Takes the next record. */
  take(): void {
    const data = this.#records[this.#next]?.kinesis.data ?? ''
    if (this.#next === this.#decoded && !this.#decodeChunk()) {
      this.#decodeAlone(data)
      return
    }
    this.#next++
    const { length } = data
    this.start = this.#offset
    this.#offset += (length / 4) * 3
    this.end = this.#offset - paddingOf(data)
  }

  text(): string {
    return this.bytes.toString('utf8', this.start, this.end)
  }

  /** Decodes the records that come next as one text; false where that cannot be done with more than one. */
  #decodeChunk(): boolean {
    if (this.#next < this.#together) return false
    let to = this.#next
    let characters = 0
    for (; to < this.#records.length; to++) {
      const length = this.#records[to]?.kinesis.data.length ?? 0
      if (length % 4 !== 0 || characters + length > CHUNK) break
      characters += length
    }
    if (to - this.#next < 2) return false
    this.#reserve(characters)
    const { bytes } = this
    let text = ''
    for (let index = this.#next; index < to; index++)
      text += withoutPadding(this.#records[index]?.kinesis.data ?? '')
    const written = bytes.write(text, 0, 'base64')
    if (written !== (characters / 4) * 3) {
      // Something else than base64 is among them.
      this.#together = to
      return false
    }
    bytes[written] = 0
    this.#decoded = to
    this.#offset = 0
    return true
  }

  #decodeAlone(data: string): void {
    this.#reserve(data.length)
    this.#next++
    this.#decoded = this.#next
    this.start = 0
    this.end = this.bytes.write(data, 0, 'base64')
    this.bytes[this.end] = 0
  }

  #reserve(characters: number): void {
    if (characters >= this.bytes.length) this.bytes = Buffer.allocUnsafe(Math.max(CHUNK, characters) + 1)
  }
}

/** With letters that stand for six zero bits instead of padding, which must not stand where more data follows. */
function withoutPadding(data: string): string {
  const padding = paddingOf(data)
  if (padding === 0) return data
  return padding === 1 ? `${data.slice(0, -1)}A` : `${data.slice(0, -2)}AA`
}

function paddingOf(data: string): number {
  const { length } = data
  if (data.charCodeAt(length - 1) !== PADDING) return 0
  return data.charCodeAt(length - 2) === PADDING ? 2 : 1
}
