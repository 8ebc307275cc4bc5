import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { S3Client } from '@aws-sdk/client-s3'
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda'

import { createDeadLetters } from '../shared/dead-letters/dead-letters.ts'
import { databaseCredentials } from '../shared/postgres/access.ts'
import { openDatabase } from '../shared/postgres/database.ts'
import { tlsOptions } from '../shared/postgres/tls.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { createBarWriter } from './bar-writer.ts'
import {
  type CorporateActionsEvent,
  corporateActionsSchema,
  type WrittenActions,
} from './corporate-actions.ts'
import { readEnvironment } from './env.ts'
import { writeActions } from './write-actions.ts'

const SERVICE = 'bar-writer'

const environment = readEnvironment(process.env)
const { logger, measure } = createTelemetry(SERVICE)

const database = openDatabase(
  databaseCredentials(
    environment,
    new SecretsManagerClient({ requestHandler: limitedHttp(LIMITS.secretsManager) }),
  ),
  { ssl: tlsOptions(environment), applicationName: SERVICE },
)
const writeBatch = createBarWriter({
  database,
  deadLetters: createDeadLetters(
    new S3Client({ requestHandler: limitedHttp(LIMITS.s3) }),
    environment.DEAD_LETTER_BUCKET,
  ),
  now: Date.now,
  log: { error: (message, details) => logger.error(message, details) },
  measure: ({ barsWritten, refused, faults, latencies, signalLatencies }) =>
    measure({
      counts: { BarsWritten: barsWritten, BarsRefused: refused, ReadFaults: faults },
      latencies: { BarLatency: latencies, SignalLatency: signalLatencies },
    }),
})

/** Writes a batch of a stream, or corporate actions that an operator imports. */
export async function handler(
  event: KinesisStreamEvent | CorporateActionsEvent,
): Promise<KinesisStreamBatchResponse | WrittenActions> {
  if ('Records' in event) return await writeBatch(event)
  const written = await writeActions(database, corporateActionsSchema.parse(event))
  logger.info('wrote corporate actions', { ...written })
  return written
}
