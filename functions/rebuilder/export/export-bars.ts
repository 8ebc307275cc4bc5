import { FORMATS } from '../../api/formats/formats.ts'
import type { Sources } from '../../api/endpoint.ts'
import { COMMITTED_AFTER_MS } from '../../api/page/window.ts'
import type { ExportBucket } from './export-bucket.ts'
import { ExportDraft } from './export-draft.ts'
import { chunkedBars } from './export-files.ts'
import {
  beginProgress,
  loadProgress,
  type Progress,
  type ProgressOf,
  saveProgress,
} from './export-progress.ts'
import type { ExportPlace, ExportTask } from './export-task.ts'
import { type ExportSources, readChunks, type ReadStep } from './read-export.ts'

export type ExportDeps = ExportSources &
  Pick<Sources, 'databaseNow'> & {
    readonly bucket: ExportBucket
    readonly wait: (ms: number) => Promise<void>
    /** Least bytes of a part, but of the last one. @default 16 MiB: 10,000 parts are 156 GiB */
    readonly partBytes?: number
    /** Most parts. @default 10,000 */
    readonly mostParts?: number
  }

/** What a call has added to an export; `place` when it goes on in another call. */
export type Exported = ExportPlace & { readonly place?: ExportPlace }

const PART_BYTES = 16 * 1024 * 1024
/** So long a call goes on, to the end of a page: whoever watches a job sees no more than that at once, or cancels it. */
const CALL_MS = 20_000

/**
 * Writes the bars of a task to an object, or some of them. Whoever is called again goes on where the call before has ended,
 * or, after a kill, where it had saved its progress, and comes to the same object: its bars are those that were known at one
 * moment.
 */
export async function exportBars(deps: ExportDeps, task: ExportTask): Promise<Exported> {
  const { bucket, now } = deps
  await untilSettled(deps, task.asof)
  const file = chunkedBars(task.format, task.numbers)
  const given: ProgressOf = {
    bucket,
    key: task.key,
    mediaType: FORMATS[task.format].mediaType,
    begin: () => file.begin(),
  }
  const until = now() + CALL_MS
  let progress = await loadProgress(given)
  for (;;) {
    const outcome = await addParts(deps, task, { progress, until })
    if (outcome !== 'gone') return since(task.place, outcome)
    if (await bucket.has(task.key)) {
      // Somebody who was thought dead has completed it.
      const done = await loadProgress(given)
      if (done.isWhole) return since(task.place, { type: 'done', progress: done })
    }
    // S3 aborts an upload some days after it began.
    progress = await beginProgress(given)
  }
}

type Outcome = { readonly type: 'done' | 'part'; readonly progress: Progress }

async function addParts(
  deps: ExportDeps,
  task: ExportTask,
  { progress: given, until }: { readonly progress: Progress; readonly until: number },
): Promise<Outcome | 'gone'> {
  const { bucket, now, mostParts } = deps
  const { key, format, numbers } = task
  const draft = new ExportDraft({ bucket, key, file: chunkedBars(format, numbers), mostParts }, given)
  let progress = given
  const steps = given.isWhole ? [] : readChunks(deps, task, given)
  for await (const step of steps) {
    const isPart = await takeStep(draft, step, deps)
    if (isPart && (await draft.putPart()) === 'gone') return 'gone'
    const isOver = step.type !== 'last' && now() > until
    if (!isPart && !isOver) continue
    progress = draft.progressAt(step)
    await saveProgress(bucket, key, progress)
    if (isOver) return { type: 'part', progress }
  }
  const { uploadId, parts } = progress
  const completed = await bucket.complete({ key, uploadId }, parts)
  return completed === 'gone' ? 'gone' : { type: 'done', progress }
}

/** Writes what has been read, and says whether it is to be a part. */
async function takeStep(
  draft: ExportDraft,
  { type, rows }: ReadStep,
  { partBytes = PART_BYTES }: Pick<ExportDeps, 'partBytes'>,
): Promise<boolean> {
  if (type === 'page') return false
  await draft.add(rows)
  if (type === 'last') await draft.end()
  return type === 'last' || draft.heldBytes >= partBytes
}

function since(place: ExportPlace | undefined, { type, progress }: Outcome): Exported {
  const { bars, bytes, symbols, rows, held } = progress
  const now = { bars: bars + rows.length, bytes: bytes + held.length, symbols }
  const before = place ?? { bars: 0, bytes: 0, symbols: 0 }
  return {
    bars: now.bars - before.bars,
    bytes: now.bytes - before.bytes,
    symbols: now.symbols - before.symbols,
    ...(type === 'part' && { place: now }),
  }
}

/** What was known at a moment may still come for a minute. */
async function untilSettled({ now, databaseNow, wait }: ExportDeps, asof: number): Promise<void> {
  const left = asof + COMMITTED_AFTER_MS - Math.min(now(), await databaseNow())
  if (left > 0) await wait(left)
}
