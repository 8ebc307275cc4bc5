import * as z from 'zod'
import { ResourceError } from '../../errors.ts'
import { limits } from './limits.ts'
import { arnOf, because, cfnNumber, inert, physicalName, resourceType } from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { StreamStore } from './stream-store.ts'

export const kinesisStream = resourceType({
  properties: z.strictObject({
    Name: z.string().optional(),
    ShardCount: cfnNumber.pipe(z.int().min(1).max(limits.shards)).optional(),
    RetentionPeriodHours: cfnNumber
      .default(24)
      .pipe(z.int().min(limits.retentionHours.min).max(limits.retentionHours.max)),
    StreamModeDetails: z.strictObject({ StreamMode: z.enum(['PROVISIONED', 'ON_DEMAND']) }).optional(),
    StreamEncryption: inert(because.encryption),
    Tags: inert(because.naming),
    DesiredShardLevelMetrics: inert(because.watching),
  }),
  create: (properties, context: ResourceContext<StreamStore>) => {
    const mode = properties.StreamModeDetails?.StreamMode ?? 'PROVISIONED'
    const name = properties.Name ?? physicalName(context, 128)
    if (mode === 'ON_DEMAND' && properties.ShardCount !== undefined)
      throw new ResourceError('ShardCount is for the StreamMode PROVISIONED only: remove it.')
    context.api.ensureStream({
      name,
      shardCount: mode === 'ON_DEMAND' ? undefined : (properties.ShardCount ?? 1),
      retentionHours: properties.RetentionPeriodHours,
      mode,
    })
    return { ref: name, attributes: { Arn: arnOf(context, 'kinesis', `stream/${name}`) } }
  },
})
