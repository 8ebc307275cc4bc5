import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'

import { nameOf } from '../../../functions/shared/runtime/deployment-name.ts'
import { createKinesisClient } from '../../../feed/kinesis-client.ts'
import { aggregatorEnvironment } from '../../../functions/aggregator/env.ts'
import { createMinuteStateStore } from '../../../functions/minute-state/store.ts'
import { putRecordsWith } from '../../../functions/shared/streams/kinesis-client.ts'
import { UsageError } from '../../terminal/errors.ts'
import { clientOptions } from '../client-options.ts'
import { deployedEnvironment } from '../deployed-function.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { type Bucket, openBucket } from '../../../functions/shared/dead-letters/bucket.ts'
import type { RedriveDeps } from '../../../functions/shared/dead-letters/redrive.ts'

/** The dead letters of a deployment, and what a redrive of them needs. */
export type DeadLetters = RedriveDeps & { readonly bucket: Bucket }

/**
 * What a redrive needs, found through the environment of the deployed aggregator.
 *
 * @throws UsageError when no such deployment runs there, or it is of another version
 */
export async function openDeadLetters(
  deployed: Pick<DeployedStage, 'prefix' | 'stage' | 'environment'>,
): Promise<DeadLetters> {
  const { stage, environment } = deployed
  const variables = aggregatorEnvironment.safeParse(await deployedEnvironment('aggregator', deployed))
  if (!variables.success)
    throw new UsageError(`the aggregator of stage ${stage} is of another version: ${variables.error.message}`)
  const { DEAD_LETTER_BUCKET, MINUTE_STATE_TABLE } = variables.data
  const s3 = clientOptions('S3', environment)
  return {
    bucket: openBucket(
      new S3Client({ ...s3, forcePathStyle: s3.endpoint !== undefined }),
      DEAD_LETTER_BUCKET,
    ),
    put: putRecordsWith(createKinesisClient(environment)),
    states: createMinuteStateStore(
      new DynamoDBClient(clientOptions('DYNAMODB', environment)),
      MINUTE_STATE_TABLE,
    ),
    ticksStream: `${nameOf(deployed)}-ticks`,
    now: Date.now,
  }
}
