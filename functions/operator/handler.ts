import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { SSMClient } from '@aws-sdk/client-ssm'

import { createMinuteStateStore } from '../minute-state/store.ts'
import { openBucket } from '../shared/dead-letters/bucket.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { createKinesisClient, putRecordsWith } from '../shared/streams/kinesis-client.ts'
import { openActions } from './actions.ts'
import { readAlarms } from './alarms.ts'
import { createCostSoFar, noCost } from './cost-so-far.ts'
import { operatorEnvironment } from './env.ts'
import { createFigures, noFigures } from './figures.ts'
import { openFlags } from './flags.ts'
import { createOperations } from './operations.ts'

const environment = parseEnvironment(operatorEnvironment, process.env)
const { logger } = createTelemetry('operator')
const dynamodb = new DynamoDBClient({ requestHandler: limitedHttp(LIMITS.dynamodb) })
const cloudwatch = new CloudWatchClient({ requestHandler: limitedHttp(LIMITS.cloudwatch) })
const { DEPLOYMENT, CONSUMERS, CLOUDWATCH } = environment

/** Answers an event of API Gateway: figures, flags, dead letters and the record of actions. */
export const handler = createOperations({
  flags: openFlags(
    new SSMClient({ requestHandler: limitedHttp(LIMITS.ssm) }),
    environment.FLAGS_PATH,
    environment.FLAGS,
  ),
  actions: openActions(dynamodb, environment.ACTIONS_TABLE, Date.now),
  deadLetters: {
    bucket: openBucket(
      new S3Client({ requestHandler: limitedHttp(LIMITS.s3) }),
      environment.DEAD_LETTER_BUCKET,
    ),
    put: putRecordsWith(createKinesisClient()),
    states: createMinuteStateStore(dynamodb, environment.MINUTE_STATE_TABLE),
    ticksStream: environment.TICKS_STREAM,
    now: Date.now,
  },
  figures:
    CLOUDWATCH === 'off'
      ? noFigures
      : createFigures(cloudwatch, async () => await readAlarms(cloudwatch, DEPLOYMENT), {
          deployment: DEPLOYMENT,
          namespace: environment.METRICS_NAMESPACE,
          consumers: CONSUMERS,
          now: Date.now,
        }),
  costSoFar:
    CLOUDWATCH === 'off'
      ? noCost
      : createCostSoFar(cloudwatch, {
          deployment: DEPLOYMENT,
          namespace: environment.METRICS_NAMESPACE,
          functions: environment.FUNCTIONS_MB,
          streamMode: environment.STREAM_MODE,
          standing: environment.STANDING_COST,
          now: Date.now,
        }),
  logError: (message, details) => logger.error(message, { ...details }),
})
