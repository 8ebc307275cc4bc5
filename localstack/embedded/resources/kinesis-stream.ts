import * as z from 'zod'
import { arnOf, cfnNumber, inertProperties, physicalName, resourceType } from './resource-type.ts'

/** What Kinesis gives a new on-demand stream; it does not grow here. */
const onDemandShards = 4

export const kinesisStream = resourceType({
  properties: z.strictObject({
    Name: z.string().optional(),
    ShardCount: cfnNumber.optional(),
    RetentionPeriodHours: cfnNumber.default(24),
    StreamModeDetails: z.strictObject({ StreamMode: z.enum(['PROVISIONED', 'ON_DEMAND']) }).optional(),
    ...inertProperties('StreamEncryption', 'Tags', 'DesiredShardLevelMetrics'),
  }),
  create: (properties, context) => {
    const mode = properties.StreamModeDetails?.StreamMode ?? 'PROVISIONED'
    const name = properties.Name ?? physicalName(context, 128)
    const shardCount = properties.ShardCount ?? (mode === 'ON_DEMAND' ? onDemandShards : 1)
    context.services.streams.ensureStream({
      name,
      shardCount,
      retentionHours: properties.RetentionPeriodHours,
      mode,
    })
    return { ref: name, attributes: { Arn: arnOf(context, 'kinesis', `stream/${name}`) } }
  },
})
