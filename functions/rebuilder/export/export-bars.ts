import { FORMATS } from '../../api/formats/formats.ts'
import type { Sources } from '../../api/endpoint.ts'
import { COMMITTED_AFTER_MS } from '../../api/page/window.ts'
import type { ExportBucket } from './export-bucket.ts'
import { chunkedFile } from './export-files.ts'
import { beginProgress, loadProgress, type Progress, saveProgress } from './export-progress.ts'
import type { ExportPlace, ExportTask } from './export-task.ts'
import { readChunks } from './read-export.ts'

export type ExportDeps = Pick<Sources, 'database' | 'now' | 'databaseNow'> & {
  readonly bucket: ExportBucket
  readonly wait: (ms: number) => Promise<void>
  /** Least bytes of a part, but of the last one. @default 16 MiB: 10,000 parts are 156 GiB */
  readonly partBytes?: number
  /** Rows that are written at a time. @default 50,000 */
  readonly chunkRows?: number
}

/** What a call has added to an export; `place` when it goes on in another call. */
export type Exported = ExportPlace & { readonly place?: ExportPlace }

const PART_BYTES = 16 * 1024 * 1024
/** So long a call goes on, to the end of a part: whoever watches a job sees no more than that at once, or cancels it. */
const CALL_MS = 20_000

/**
 * Writes the bars of a task to an object, part by part, or some of them. Whoever is called again after a kill goes on behind
 * the last part, and comes to the same object: its bars are those that were known at one moment.
 */
export async function exportBars(deps: ExportDeps, task: ExportTask): Promise<Exported> {
  const { bucket, now } = deps
  await untilSettled(deps, task.asof)
  const given = { key: task.key, mediaType: FORMATS[task.format].mediaType }
  const until = now() + CALL_MS
  let progress = await loadProgress(bucket, given)
  for (;;) {
    const outcome = await addParts(deps, task, { progress, until })
    if (outcome !== 'gone') return since(task.place, outcome)
    if (await bucket.has(task.key)) {
      // Somebody who was thought dead has completed it.
      const done = await loadProgress(bucket, given)
      if (done.isWhole) return since(task.place, { type: 'done', progress: done })
    }
    // S3 aborts an upload some days after it began.
    progress = await beginProgress(bucket, given)
  }
}

type Outcome = { readonly type: 'done' | 'part'; readonly progress: Progress }

async function addParts(
  deps: ExportDeps,
  task: ExportTask,
  { progress: given, until }: { readonly progress: Progress; readonly until: number },
): Promise<Outcome | 'gone'> {
  const { bucket, now, partBytes = PART_BYTES } = deps
  const file = chunkedFile(task.format, task.numbers)
  const upload = { key: task.key, uploadId: given.uploadId }
  const [parts, notes] = [[...given.parts], [...given.notes]]
  let pending = parts.length === 0 ? [await file.begin()] : []
  let { bars, bytes } = given
  let progress = given
  const chunks = given.isWhole ? [] : readChunks(deps, task, given.position)
  for await (const { rows, next, symbols } of chunks) {
    const isLast = symbols === task.symbols.length
    if (rows.length > 0) {
      const { bytes: chunk, note } = await file.chunk(rows)
      if (note !== undefined) notes.push({ at: bytes + lengthOf(pending), note })
      pending.push(chunk)
      bars += rows.length
    }
    if (isLast) pending.push(await file.end(notes))
    if (!isLast && lengthOf(pending) < partBytes) continue
    const part = await bucket.putPart(upload, parts.length + 1, Buffer.concat(pending))
    if (part === 'gone') return 'gone'
    parts.push(part)
    bytes += lengthOf(pending)
    const { uploadId } = upload
    progress = { uploadId, parts, bytes, bars, symbols, notes, position: next, isWhole: isLast }
    await saveProgress(bucket, task.key, progress)
    pending = []
    if (!isLast && now() > until) return { type: 'part', progress }
  }
  return (await bucket.complete(upload, parts)) === 'gone' ? 'gone' : { type: 'done', progress }
}

function since(place: ExportPlace | undefined, { type, progress }: Outcome): Exported {
  const { bars, bytes, symbols } = progress
  const before = place ?? { bars: 0, bytes: 0, symbols: 0 }
  return {
    bars: bars - before.bars,
    bytes: bytes - before.bytes,
    symbols: symbols - before.symbols,
    ...(type === 'part' && { place: { bars, bytes, symbols } }),
  }
}

function lengthOf(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { length }) => sum + length, 0)
}

/** What was known at a moment may still come for a minute. */
async function untilSettled({ now, databaseNow, wait }: ExportDeps, asof: number): Promise<void> {
  const left = asof + COMMITTED_AFTER_MS - Math.min(now(), await databaseNow())
  if (left > 0) await wait(left)
}
