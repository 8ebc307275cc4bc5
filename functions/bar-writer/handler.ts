import { MetricUnit } from '@aws-lambda-powertools/metrics'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { S3Client } from '@aws-sdk/client-s3'
import { createDeadLetters } from '../shared/dead-letters/dead-letters.ts'
import { secretCredentials, throughProxy } from '../shared/postgres/credentials.ts'
import { openDatabase } from '../shared/postgres/database.ts'
import { tlsOptions } from '../shared/postgres/tls.ts'
import { createMetrics, createTelemetry } from '../shared/runtime/telemetry.ts'
import { createBarWriter } from './bar-writer.ts'
import { readEnvironment } from './env.ts'

const SERVICE = 'bar-writer'

const environment = readEnvironment(process.env)
const { logger } = createTelemetry(SERVICE)
const metrics = createMetrics(SERVICE)

export const handler = createBarWriter({
  database: openDatabase(
    throughProxy(secretCredentials(new SecretsManagerClient(), environment.WRITE_SECRET_ARN), environment),
    { ssl: tlsOptions(environment), applicationName: SERVICE },
  ),
  deadLetters: createDeadLetters(new S3Client(), environment.DEAD_LETTER_BUCKET),
  now: Date.now,
  log: { error: (message, details) => logger.error(message, details) },
  measure: ({ barsWritten, refused, latencies, signalLatencies }) => {
    metrics.addMetric('BarsWritten', MetricUnit.Count, barsWritten)
    metrics.addMetric('BarsRefused', MetricUnit.Count, refused)
    for (const latency of latencies) metrics.addMetric('BarLatency', MetricUnit.Milliseconds, latency)
    for (const latency of signalLatencies)
      metrics.addMetric('SignalLatency', MetricUnit.Milliseconds, latency)
    // Every hundredth value of a metric publishes by itself.
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics()
  },
})
