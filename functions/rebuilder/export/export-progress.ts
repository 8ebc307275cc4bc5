import * as z from 'zod'

import type { ExportBucket } from './export-bucket.ts'

/** What an export has come to, kept beside its object: whoever goes on begins behind the last part. */
const progressSchema = z.object({
  uploadId: z.string(),
  parts: z.array(z.object({ etag: z.string(), crc32: z.string().optional() })).readonly(),
  /** In these parts. */
  bytes: z.int(),
  bars: z.int(),
  /** Symbols whose bars are all in them. */
  symbols: z.int(),
  /** What the end of the file has to say of chunks. */
  notes: z.array(z.object({ at: z.int(), note: z.string() })).readonly(),
  position: z.object({
    group: z.int(),
    after: z.object({ symbol: z.string(), time: z.number() }).nullable(),
  }),
  /** Whether the last part is among them. */
  isWhole: z.boolean(),
})
export type Progress = z.output<typeof progressSchema>

/** The progress of the export to a key; begins the object when there is none. */
export async function loadProgress(
  bucket: ExportBucket,
  given: { readonly key: string; readonly mediaType: string },
): Promise<Progress> {
  const text = await bucket.readText(progressKey(given.key))
  return text === undefined ? await beginProgress(bucket, given) : progressSchema.parse(JSON.parse(text))
}

/** Begins the object, whatever was of it. */
export async function beginProgress(
  bucket: ExportBucket,
  { key, mediaType }: { readonly key: string; readonly mediaType: string },
): Promise<Progress> {
  const progress: Progress = {
    uploadId: await bucket.begin(key, mediaType),
    parts: [],
    bytes: 0,
    bars: 0,
    symbols: 0,
    notes: [],
    position: { group: 0, after: null },
    isWhole: false,
  }
  await saveProgress(bucket, key, progress)
  return progress
}

export async function saveProgress(bucket: ExportBucket, key: string, progress: Progress): Promise<void> {
  await bucket.writeText(progressKey(key), JSON.stringify(progress))
}

function progressKey(key: string): string {
  return `${key.slice(0, key.lastIndexOf('/'))}/progress.json`
}
