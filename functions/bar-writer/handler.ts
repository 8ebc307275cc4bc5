import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { S3Client } from '@aws-sdk/client-s3'
import { createDeadLetters } from '../shared/dead-letters/dead-letters.ts'
import { databaseCredentials } from '../shared/postgres/access.ts'
import { openDatabase } from '../shared/postgres/database.ts'
import { tlsOptions } from '../shared/postgres/tls.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { createBarWriter } from './bar-writer.ts'
import { readEnvironment } from './env.ts'

const SERVICE = 'bar-writer'

const environment = readEnvironment(process.env)
const { logger, measure } = createTelemetry(SERVICE)

export const handler = createBarWriter({
  database: openDatabase(
    databaseCredentials(
      environment,
      new SecretsManagerClient({ requestHandler: limitedHttp(LIMITS.secretsManager) }),
    ),
    { ssl: tlsOptions(environment), applicationName: SERVICE },
  ),
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
