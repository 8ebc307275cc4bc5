import { S3Client } from '@aws-sdk/client-s3'
import type { Context } from 'aws-lambda'
import * as z from 'zod'

import { createArchiveBucket } from '../archive/archive-bucket.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { compact, type Compacted } from './compact.ts'
import { compactorEnvironment } from './env.ts'

const { ARCHIVE_BUCKET } = parseEnvironment(compactorEnvironment, process.env)
const telemetry = createTelemetry('compactor')
const bucket = createArchiveBucket(
  new S3Client({ requestHandler: limitedHttp(LIMITS.archive) }),
  ARCHIVE_BUCKET,
)

/** The schedule sends `{"type":"compact"}` each hour. */
const eventSchema = z.object({ type: z.literal('compact', 'send {"type":"compact"}') })

/** What is not merged by then is left to the next hour. */
const SPARE_MS = 120_000

/** Merges the small objects of the archive. */
export async function handler(event: unknown, context: Context): Promise<Compacted> {
  eventSchema.parse(event)
  const compacted = await compact(bucket, {
    now: Date.now,
    hasTime: () => context.getRemainingTimeInMillis() > SPARE_MS,
  })
  telemetry.count({ ObjectsCompacted: compacted.merged })
  return compacted
}
