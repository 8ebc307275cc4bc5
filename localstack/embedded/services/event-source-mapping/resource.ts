import * as z from 'zod'
import { ResourceError } from '../../errors.ts'
import { parseEventSourceMappingSettings } from './event-source-mapping.ts'
import { arnOf, because, inert, physicalName, resourceType } from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { FunctionHost } from '../lambda/function-host.ts'
import type { EventSourceMappings } from './event-source-mappings.ts'

export type MappingResources = {
  readonly functions: FunctionHost
  readonly mappings: EventSourceMappings
}

/** A Kinesis stream that feeds a function; the properties beside the two ends are checked with the settings. */
export const eventSourceMapping = resourceType({
  properties: z.looseObject({
    EventSourceArn: z.string(),
    FunctionName: z.string(),
    Tags: inert(because.naming),
  }),
  create: (properties, context: ResourceContext<MappingResources>) => {
    const { functions, mappings } = context.api
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
