import { setTimeout as wait } from 'node:timers/promises'

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

import { createSignalStream } from '../analytics/signal-stream.ts'
import { createStateCodec } from '../analytics/state-codec.ts'
import { READ_SESSION } from '../api/read-session.ts'
import { createArchiveBucket } from '../archive/archive-bucket.ts'
import { barText } from '../minute-state/bar-stream.ts'
import { databaseCredentials } from '../shared/postgres/access.ts'
import { databaseNow } from '../shared/postgres/database-clock.ts'
import { openDatabase } from '../shared/postgres/database.ts'
import { tlsOptions } from '../shared/postgres/tls.ts'
import { createStateStore } from '../shared/dynamodb/state-store.ts'
import { readAnalysis } from '../shared/runtime/analysis-fields.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { createKinesisClient, putRecordsWith } from '../shared/streams/kinesis-client.ts'
import { putLines } from '../shared/streams/lines.ts'
import { createHourReaders } from './symbol-hour.ts'
import { rebuilderEnvironment } from './env.ts'
import { exportBars, type ExportDeps, type Exported } from './export/export-bars.ts'
import { createExportBucket } from './export/export-bucket.ts'
import { exportTaskSchema } from './export/export-task.ts'
import { importBars, type ImportedBars, importBarsSchema } from './import-bars.ts'
import { newestBars, type NewestBars, newestBarsSchema } from './newest-bars.ts'
import { rebuild, type RebuildDeps, type Rebuilt } from './rebuild.ts'
import { rebuildSignals, type RebuiltSignals, type SignalDeps } from './rebuild-signals.ts'
import { createStoredBars } from './stored-bars.ts'
import { createStoredSignals } from './stored-signals.ts'
import { signalTaskSchema, taskSchema, taskTypeOf } from './task.ts'

const SERVICE = 'rebuilder'

const environment = parseEnvironment(rebuilderEnvironment, process.env)
const { logger, count } = createTelemetry(SERVICE)
const secrets = new SecretsManagerClient({ requestHandler: limitedHttp(LIMITS.secretsManager) })
const put = putRecordsWith(createKinesisClient())
const database = openDatabase(databaseCredentials(environment, secrets), {
  ssl: tlsOptions(environment),
  applicationName: SERVICE,
  ...READ_SESSION,
})
const analysis = readAnalysis({
  indicators: environment.INDICATORS,
  patterns: environment.PATTERNS,
  vwapAnchor: environment.VWAP_ANCHOR,
})
const common = {
  stored: createStoredBars(database),
  latenessSeconds: environment.LATENESS_SECONDS,
  now: Date.now,
  wait: async (ms: number): Promise<void> => {
    await wait(ms)
  },
}
const s3 = new S3Client({ requestHandler: limitedHttp(LIMITS.archive) })
const bucket = createArchiveBucket(s3, environment.ARCHIVE_BUCKET)
const exportDeps: ExportDeps = {
  database,
  databaseNow: () => databaseNow(database),
  bucket: createExportBucket(s3, environment.EXPORTS_BUCKET),
  tradingHours: environment.TRADING_HOURS,
  now: common.now,
  wait: common.wait,
}
const deps: RebuildDeps = {
  ...common,
  archive: createHourReaders(bucket),
  put: (bars) => putBars(new Map([...bars].map(([symbol, ofSymbol]) => [symbol, ofSymbol.map(barText)]))),
}
const signalDeps: SignalDeps = {
  ...common,
  analysis,
  signals: createStoredSignals(database),
  states: createStateStore(
    new DynamoDBClient({ requestHandler: limitedHttp(LIMITS.dynamodb) }),
    environment.INDICATOR_STATE_TABLE,
    createStateCodec(analysis),
  ),
  emit: createSignalStream(put, environment.SIGNALS_STREAM),
}

function putBars(texts: ReadonlyMap<string, readonly string[]>): Promise<void> {
  return putLines(put, environment.BARS_STREAM, texts)
}

/**
 * Rebuilds the bars of a task, or its signals, and answers with what became of their minutes; or answers with the newest bars
 * that are stored; or imports bars; or exports them.
 */
export async function handler(
  event: unknown,
): Promise<Rebuilt | RebuiltSignals | Exported | NewestBars | ImportedBars> {
  const type = taskTypeOf(event)
  switch (type) {
    case 'bars':
      return await runBars(event)
    case 'signals':
      return await runSignals(event)
    case 'export':
      return await runExport(event)
    case 'import-bars':
      return await importBars({ database, put: putBars }, importBarsSchema.parse(event))
    case 'newest-bars':
      return await newestBars(database, newestBarsSchema.parse(event))
    default:
      return type satisfies never
  }
}

async function runBars(event: unknown): Promise<Rebuilt> {
  const task = taskSchema.parse(event)
  const rebuilt = await rebuild(deps, task)
  count({ BarsRebuilt: rebuilt.put + rebuilt.withdrawn, SignalsRebuilt: 0 })
  logger.info('rebuilt', { symbols: task.symbols.length, from: task.from, to: task.to, ...rebuilt })
  return rebuilt
}

async function runSignals(event: unknown): Promise<RebuiltSignals> {
  const task = signalTaskSchema.parse(event)
  const rebuilt = await rebuildSignals(signalDeps, task)
  const { place, ...minutes } = rebuilt
  count({ BarsRebuilt: 0, SignalsRebuilt: rebuilt.signals })
  logger.info('rebuilt signals', {
    symbols: task.symbols.length,
    from: task.from,
    ...minutes,
    ...(place && { goesOnWith: place.symbol, at: place.next }),
  })
  return rebuilt
}

async function runExport(event: unknown): Promise<Exported> {
  const { key, ...task } = exportTaskSchema.parse(event)
  const exported = await exportBars(exportDeps, { ...task, key })
  logger.info('exported', { key, ...exported })
  return exported
}
