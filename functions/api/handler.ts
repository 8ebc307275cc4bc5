import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

import { readAnalysis } from '../shared/runtime/analysis-fields.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { databaseCredentials } from '../shared/postgres/access.ts'
import { openDatabase } from '../shared/postgres/database.ts'
import { databaseNow } from '../shared/postgres/database-clock.ts'
import { tlsOptions } from '../shared/postgres/tls.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { createApp } from './app.ts'
import { apiEnvironment } from './env.ts'
import { serveEvents } from './http/api-gateway.ts'
import { READ_SESSION } from './read-session.ts'

const SERVICE = 'api'

const environment = parseEnvironment(apiEnvironment, process.env)
const analysis = {
  indicators: environment.INDICATORS,
  patterns: environment.PATTERNS,
  vwapAnchor: environment.VWAP_ANCHOR,
}
const { logger, measure } = createTelemetry(SERVICE)
const secrets = new SecretsManagerClient({ requestHandler: limitedHttp(LIMITS.secretsManager) })

const database = openDatabase(databaseCredentials(environment, secrets), {
  ssl: tlsOptions(environment),
  applicationName: SERVICE,
  ...READ_SESSION,
})

/** Answers an event of API Gateway. */
export const handler = serveEvents(
  createApp({
    database,
    databaseNow: () => databaseNow(database),
    indicators: readAnalysis(analysis).outputs,
    analysis,
    tradingHours: environment.TRADING_HOURS,
    corsOrigins: environment.CORS_ORIGINS,
    now: Date.now,
    logError: (message, error) => logger.error(message, { error }),
    measure: ({ milliseconds, failures }) =>
      measure({ counts: { ApiFailures: failures }, latencies: { ApiLatency: [milliseconds] } }),
  }),
)
