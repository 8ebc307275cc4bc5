import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { secretCredentials } from '../shared/postgres/credentials.ts'
import { tlsOptions } from '../shared/postgres/tls.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { readEnvironment } from './env.ts'
import { createMigrator } from './migrator.ts'
import { preparedAtFirstEvent } from './prepared.ts'
import { createRotatingSecret } from './rotating-secret.ts'

const secrets = new SecretsManagerClient({ requestHandler: limitedHttp(LIMITS.secretsManager) })
const { logger } = createTelemetry('migrator')

export const handler = preparedAtFirstEvent(() => {
  const environment = readEnvironment(process.env)
  return createMigrator({
    credentials: {
      owner: secretCredentials(secrets, environment.OWNER_SECRET_ARN),
      write: secretCredentials(secrets, environment.WRITE_SECRET_ARN),
      read: secretCredentials(secrets, environment.READ_SECRET_ARN),
    },
    secrets: new Map(
      [environment.OWNER_SECRET_ARN, environment.WRITE_SECRET_ARN, environment.READ_SECRET_ARN].map((arn) => [
        arn,
        createRotatingSecret(secrets, arn),
      ]),
    ),
    access: environment.DATABASE_ACCESS,
    ssl: tlsOptions(environment),
    retentionDays: environment.RETENTION_DAYS,
    partitionsAhead: environment.PARTITIONS_AHEAD,
    log: {
      info: (message) => logger.info(message),
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
    },
  })
})
