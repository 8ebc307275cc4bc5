import * as z from 'zod'
import { ResourceError } from '../../errors.ts'
import type { Access } from '../../access.ts'
import { parseEventSourceMappingSettings, uuidOf } from './event-source-mapping.ts'
import { arnOf, because, inert, physicalName, resourceType } from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { FunctionHost } from '../lambda/function-host.ts'
import type { Iam } from '../iam/iam.ts'
import { destinationAccess, streamAccess } from './mapping-access.ts'
import type { EventSourceMappings } from './event-source-mappings.ts'

export type MappingResources = {
  readonly functions: FunctionHost
  readonly mappings: EventSourceMappings
  readonly access: Pick<Iam, 'refusalOfFunction'>
}

/** A Kinesis stream that feeds a function; the properties beside the two ends are checked with the settings. */
export const eventSourceMapping = resourceType({
  properties: z.looseObject({
    EventSourceArn: z.string(),
    FunctionName: z.string(),
    Tags: inert(because.naming),
  }),
  create: async (properties, context: ResourceContext<MappingResources>) => {
    const { functions, mappings, access } = context.api
    const { EventSourceArn: streamArn, FunctionName } = properties
    const streamName = /^arn:aws:kinesis:[^:]*:[^:]*:stream\/(?<name>.+)$/.exec(streamArn)?.groups?.['name']
    if (streamName === undefined)
      throw new ResourceError(`EventSourceArn ${streamArn} is not a Kinesis stream.`)
    const functionName = functions.find(FunctionName)
    if (functionName === undefined) {
      throw new ResourceError(`FunctionName ${FunctionName} is not a function of this stack.`)
    }
    const name = physicalName(context, 256)
    const settings = parseEventSourceMappingSettings(context.logicalId, properties)
    const { roleArn } = functions.definition(functionName)
    const mayDo = (accesses: readonly Access[]) =>
      access.refusalOfFunction({ name: functionName, roleArn }, accesses)
    const ofStream = await mayDo(streamAccess(streamArn))
    if (ofStream !== undefined)
      throw new ResourceError(
        `Cannot access stream ${streamArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM. ${ofStream}`,
      )
    const { failureBucketArn } = settings
    const ofBucket = failureBucketArn && (await mayDo(destinationAccess(failureBucketArn, uuidOf(name))))
    if (ofBucket !== undefined && ofBucket !== '')
      throw new ResourceError(`What fails cannot be put to ${failureBucketArn}: ${ofBucket}`)
    const functionArn = arnOf(context, 'lambda', `function:${functionName}`)
    mappings.add({ name, streamName, streamArn, functionName, functionArn, settings })
    return {
      ref: name,
      attributes: {
        Id: name,
        EventSourceMappingArn: arnOf(context, 'lambda', `event-source-mapping:${name}`),
      },
    }
  },
})
