import { S3Client } from '@aws-sdk/client-s3'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

import { READ_SESSION } from '../api/read-session.ts'
import { createArchiveBucket } from '../archive/archive-bucket.ts'
import { barText } from '../minute-state/bar-stream.ts'
import { secretCredentials, throughProxy } from '../shared/postgres/credentials.ts'
import { openDatabase } from '../shared/postgres/database.ts'
import { tlsOptions } from '../shared/postgres/tls.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { createKinesisClient, putRecordsWith } from '../shared/streams/kinesis-client.ts'
import { putInOrder } from '../shared/streams/put-in-order.ts'
import { createArchivedHours } from './archived-hours.ts'
import { rebuilderEnvironment } from './env.ts'
import { rebuild, type RebuildDeps, type Rebuilt } from './rebuild.ts'
import { createStoredBars } from './stored-bars.ts'
import { taskSchema } from './task.ts'

const SERVICE = 'rebuilder'

const environment = parseEnvironment(rebuilderEnvironment, process.env)
const { logger, count } = createTelemetry(SERVICE)
const credentials = secretCredentials(new SecretsManagerClient(), environment.READ_SECRET_ARN)
const put = putRecordsWith(createKinesisClient())
const deps: RebuildDeps = {
  archive: createArchivedHours(createArchiveBucket(new S3Client(), environment.ARCHIVE_BUCKET)),
  stored: createStoredBars(
    openDatabase(throughProxy(credentials, environment), {
      ssl: tlsOptions(environment),
      applicationName: SERVICE,
      ...READ_SESSION,
    }),
  ),
  put: (bars) =>
    putInOrder(
      put,
      environment.BARS_STREAM,
      new Map([...bars].map(([symbol, ofSymbol]) => [symbol, ofSymbol.map(barText)])),
    ),
  latenessSeconds: environment.LATENESS_SECONDS,
  now: Date.now,
}

/** Rebuilds the bars of a task; answers with what became of its minutes. */
export async function handler(event: unknown): Promise<Rebuilt> {
  const task = taskSchema.parse(event)
  const rebuilt = await rebuild(deps, task)
  count({ BarsRebuilt: rebuilt.put + rebuilt.withdrawn })
  logger.info('rebuilt', { symbols: task.symbols.length, from: task.from, to: task.to, ...rebuilt })
  return rebuilt
}
