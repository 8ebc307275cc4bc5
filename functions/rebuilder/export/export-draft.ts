import type { BarRow } from '../../api/bars/bar-row.ts'
import type { ExportBucket } from './export-bucket.ts'
import type { ChunkedFile } from './export-files.ts'
import { loadNotes, type Progress, saveNotes } from './export-progress.ts'
import type { ReadStep } from './read-export.ts'

/** S3 takes so many parts of an object. */
const MOST_PARTS = 10_000

/** An export of more than an object in S3 can have. */
class ExportTooLarge extends Error {
  override readonly name = 'ExportTooLarge'
}

type Upload = {
  readonly bucket: ExportBucket
  readonly key: string
  readonly file: ChunkedFile
  /** @default 10,000 */
  readonly mostParts?: number | undefined
}

/** A file in the making: its parts in S3, and the bytes behind them. */
export class ExportDraft {
  readonly #upload: Upload
  readonly #uploadId: string
  #parts: Progress['parts']
  #notes: Progress['notes']
  #held: Buffer[]
  #heldBytes: number
  #bytes: number
  #bars: number

  constructor(upload: Upload, { uploadId, parts, notes, held, bytes, bars }: Progress) {
    this.#upload = upload
    this.#uploadId = uploadId
    this.#parts = parts
    this.#notes = notes
    this.#held = [held]
    this.#heldBytes = held.length
    this.#bytes = bytes
    this.#bars = bars
  }

  /** Bytes behind the last part. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Writes a chunk behind them. */
  async add(rows: readonly BarRow[]): Promise<void> {
    if (rows.length === 0) return
    const { bytes, note } = await this.#upload.file.chunk(rows)
    if (note !== undefined) this.#notes = [...this.#notes, { at: this.#bytes + this.#heldBytes, note }]
    this.#hold(bytes)
    this.#bars += rows.length
  }

  /** Writes the end of the file. */
  async end(): Promise<void> {
    const { bucket, key, file } = this.#upload
    const notes = await loadNotes(bucket, key, this.#parts.length)
    this.#hold(await file.end([...notes, ...this.#notes]))
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
  }

  /** Makes a part of what is behind the last one. @throws ExportTooLarge when there are as many as S3 takes */
  async putPart(): Promise<'put' | 'gone'> {
    const { bucket, key, mostParts = MOST_PARTS } = this.#upload
    const part = this.#parts.length + 1
    if (part > mostParts)
      throw new ExportTooLarge(
        `the file has more than the ${mostParts} parts that S3 takes, of which ${this.#parts.length} are ${this.#bytes} bytes: export fewer symbols or a shorter time`,
      )
    const put = await bucket.putPart(
      { key, uploadId: this.#uploadId },
      { number: part, bytes: Buffer.concat(this.#held) },
    )
    if (put === 'gone') return 'gone'
    await saveNotes(bucket, { key, part, notes: this.#notes })
    this.#parts = [...this.#parts, put]
    this.#bytes += this.#heldBytes
    this.#notes = []
    this.#held = []
    this.#heldBytes = 0
    return 'put'
  }

  /** What it has come to after a step of reading; the rows of a chunk that is not whole wait in it. */
  progressAt({ type, rows, next, symbols }: ReadStep): Progress {
    return {
      uploadId: this.#uploadId,
      parts: this.#parts,
      bytes: this.#bytes,
      bars: this.#bars,
      symbols,
      notes: this.#notes,
      rows: type === 'page' ? rows : [],
      position: next,
      isWhole: type === 'last',
      held: Buffer.concat(this.#held),
    }
  }
}
