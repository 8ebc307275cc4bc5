import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

import { parseEnvironment } from '../shared/environment.ts'
import { secretCredentials } from '../shared/postgres/credentials.ts'
import { openDatabase } from '../shared/postgres/database.ts'
import { tlsOptions } from '../shared/postgres/tls.ts'
import { createTelemetry, METRICS_NAMESPACE } from '../shared/telemetry.ts'
import { createApp } from './app.ts'
import { apiEnvironment } from './env.ts'
import { serveEvents } from './http/api-gateway.ts'
import { READ_SESSION, readOnly } from './read-only.ts'

const SERVICE = 'api'

const environment = parseEnvironment(apiEnvironment, process.env)
const { logger } = createTelemetry(SERVICE)
const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: SERVICE })

/** Answers an event of API Gateway. */
export const handler = serveEvents(
  createApp({
    database: readOnly(
      openDatabase(secretCredentials(new SecretsManagerClient(), environment.READ_SECRET_ARN), {
        ssl: tlsOptions(environment),
        applicationName: SERVICE,
        ...READ_SESSION,
      }),
    ),
    corsOrigins: environment.CORS_ORIGINS,
    now: Date.now,
    logError: (message, error) => logger.error(message, { error }),
    measure: ({ milliseconds }) => {
      metrics.addMetric('ApiLatency', MetricUnit.Milliseconds, milliseconds)
      metrics.publishStoredMetrics()
    },
  }),
)
