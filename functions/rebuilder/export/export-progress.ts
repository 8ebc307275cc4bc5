import * as z from 'zod'

import { type BarRow, readBarRow } from '../../api/bars/bar-row.ts'
import type { ExportBucket } from './export-bucket.ts'

/** What the end of a file has to say of its chunks. */
const notesSchema = z.array(z.object({ at: z.int(), note: z.string() })).readonly()
export type Notes = z.output<typeof notesSchema>

/** What an export has come to, but for its unfinished bytes. */
const progressSchema = z.object({
  uploadId: z.string(),
  parts: z.array(z.object({ etag: z.string(), crc32: z.string().optional() })).readonly(),
  /** In these parts. */
  bytes: z.int(),
  /** In these parts, and in the unfinished bytes. */
  bars: z.int(),
  /** Symbols whose bars are all read. */
  symbols: z.int(),
  /** Of the chunks in the unfinished bytes; those of a part are in an object of their own. */
  notes: notesSchema,
  /** Bars that are read, and too few for a chunk yet. */
  rows: z.array(z.unknown().transform((row): BarRow => readBarRow(row))).readonly(),
  position: z.object({
    group: z.int(),
    after: z
      .object({
        symbol: z.string(),
        time: z.number(),
        clear: z.object({ from: z.number(), to: z.number() }).optional(),
      })
      .nullable(),
  }),
  /** Whether the last part is among them. */
  isWhole: z.boolean(),
})

/** What an export has come to, kept beside its object: whoever goes on begins there, in the middle of a part or of a chunk. */
export type Progress = z.output<typeof progressSchema> & {
  /** Bytes behind the last part that are too few for a part yet. */
  readonly held: Buffer
}

export type ProgressOf = {
  readonly bucket: ExportBucket
  readonly key: string
  readonly mediaType: string
  /** The bytes before the first chunk. */
  readonly begin: () => Promise<Buffer>
}

/** The progress of the export to a key; begins the object when there is none. */
export async function loadProgress(given: ProgressOf): Promise<Progress> {
  const kept = await given.bucket.read(progressKey(given.key))
  return kept === undefined ? await beginProgress(given) : decode(kept)
}

/** Begins the object, whatever was of it. */
export async function beginProgress({ bucket, key, mediaType, begin }: ProgressOf): Promise<Progress> {
  const progress: Progress = {
    uploadId: await bucket.begin(key, mediaType),
    parts: [],
    bytes: 0,
    bars: 0,
    symbols: 0,
    notes: [],
    rows: [],
    position: { group: 0, after: null },
    isWhole: false,
    held: await begin(),
  }
  await saveProgress(bucket, key, progress)
  return progress
}

/** In one object, so that a kill leaves the one before or this one. */
export async function saveProgress(
  bucket: ExportBucket,
  key: string,
  { held, ...rest }: Progress,
): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(rest)}\n`)
  await bucket.write(progressKey(key), Buffer.concat([text, held]))
}

/** A line of JSON, and behind it the bytes. */
function decode(kept: Buffer): Progress {
  const end = kept.indexOf('\n')
  const rest = progressSchema.parse(JSON.parse(kept.subarray(0, end).toString()))
  return { ...rest, held: kept.subarray(end + 1) }
}

/** Keeps what the end of the file has to say of the chunks of a part, which may be much in all. */
export async function saveNotes(
  bucket: ExportBucket,
  { key, part, notes }: { readonly key: string; readonly part: number; readonly notes: Notes },
): Promise<void> {
  if (notes.length > 0) await bucket.write(notesKey(key, part), Buffer.from(JSON.stringify(notes)))
}

/** Objects that are read at a time. */
const AT_ONCE = 16

/** The notes of so many parts, in their order. */
export async function loadNotes(bucket: ExportBucket, key: string, parts: number): Promise<Notes> {
  const notes: Notes[] = []
  for (let first = 1; first <= parts; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, parts + 1 - first)
    const ofParts = Array.from({ length: count }, (_, index) => loadOf(bucket, notesKey(key, first + index)))
    notes.push(...(await Promise.all(ofParts)))
  }
  return notes.flat()
}

/** A format without notes has no such object. */
async function loadOf(bucket: ExportBucket, key: string): Promise<Notes> {
  const kept = await bucket.read(key)
  return kept === undefined ? [] : notesSchema.parse(JSON.parse(kept.toString()))
}

function progressKey(key: string): string {
  return `${folderOf(key)}progress`
}

function notesKey(key: string, part: number): string {
  return `${folderOf(key)}notes-${part}.json`
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1)
}
