import { S3Client } from '@aws-sdk/client-s3'
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda'

import { createArchiveBucket } from '../archive/archive-bucket.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { createFeatureFlags, withFeatureFlag } from '../shared/runtime/feature-flags.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { logReadFaults } from '../shared/streams/read-faults.ts'
import { archiveBatch, type ArchiverDeps } from './archive-batch.ts'
import { archiverEnvironment } from './env.ts'

const { ARCHIVE_BUCKET, FLAGS_PATH, NON_POSITIVE_PRICES } = parseEnvironment(archiverEnvironment, process.env)
const telemetry = createTelemetry('archiver')
const flags = createFeatureFlags(FLAGS_PATH, ['archive'], { log: telemetry.logger })
const deps: ArchiverDeps = {
  put: createArchiveBucket(new S3Client({ requestHandler: limitedHttp(LIMITS.archive) }), ARCHIVE_BUCKET).put,
  allowsNonPositive: NON_POSITIVE_PRICES,
  now: Date.now,
}

/** Writes a batch of the stream `ticks` to the archive. */
export const handler = withFeatureFlag(flags, 'archive', archive)

async function archive(event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> {
  const { objects, trades, unreadable } = await archiveBatch(deps, event.Records)
  telemetry.count({
    ObjectsArchived: objects,
    TicksArchived: trades,
    ReadFaults: logReadFaults(unreadable, telemetry.logger),
  })
  return { batchItemFailures: [] }
}
