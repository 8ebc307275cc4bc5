import { DynamoDBClient } from '@aws-sdk/client-dynamodb'

import { readAnalysis } from '../shared/runtime/analysis-fields.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { createFeatureFlags, withFeatureFlag } from '../shared/runtime/feature-flags.ts'
import { createKinesisClient, putRecordsWith } from '../shared/streams/kinesis-client.ts'
import { createStateStore } from '../shared/dynamodb/state-store.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import type { AnalyticsDeps } from './analyse-bars.ts'
import { createAnalytics } from './analytics.ts'
import { analyticsEnvironment } from './env.ts'
import { createSignalStream } from './signal-stream.ts'
import { createStateCodec } from './state-codec.ts'

const environment = parseEnvironment(analyticsEnvironment, process.env)
const telemetry = createTelemetry('analytics')
const flags = createFeatureFlags(environment.FLAGS_PATH, ['analytics'], { log: telemetry.logger })
const analysis = readAnalysis({
  indicators: environment.INDICATORS,
  patterns: environment.PATTERNS,
  vwapAnchor: environment.VWAP_ANCHOR,
})
const deps: AnalyticsDeps = {
  analysis,
  latenessSeconds: environment.LATENESS_SECONDS,
  store: createStateStore(
    new DynamoDBClient({ requestHandler: limitedHttp(LIMITS.dynamodb) }),
    environment.INDICATOR_STATE_TABLE,
    createStateCodec(analysis),
  ),
  sink: createSignalStream(putRecordsWith(createKinesisClient()), environment.SIGNALS_STREAM),
  now: Date.now,
}

/** Computes indicators and patterns of a batch of the stream `bars` and puts them on the stream `signals`. */
export const handler = withFeatureFlag(flags, 'analytics', createAnalytics(deps, telemetry))
