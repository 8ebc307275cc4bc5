import * as z from 'zod'
import { ResourceError } from '../../errors.ts'
import type { Iam } from '../iam/iam.ts'
import {
  arnOf,
  because,
  inert,
  inertProperties,
  physicalName,
  resourceType,
} from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { Topics } from './published.ts'

/** What the resource types of SNS work with. */
export type SnsResources = { readonly topics: Topics; readonly iam: Iam }
type Context = ResourceContext<SnsResources>

const nobody = 'nobody is subscribed: the runtime keeps messages, and sends none'

export const topic = resourceType({
  properties: z.strictObject({
    TopicName: z.string().optional(),
    KmsMasterKeyId: inert(because.encryption),
    ...inertProperties(because.naming, 'DisplayName', 'Tags'),
    ...inertProperties(nobody, 'SignatureVersion', 'TracingConfig', 'DeliveryStatusLogging'),
  }),
  create: ({ TopicName }, context: Context) => {
    const name = TopicName ?? physicalName(context, 256)
    if (name.endsWith('.fifo')) throw new ResourceError('FIFO topics are not supported: leave .fifo out.')
    const arn = arnOf(context, 'sns', name)
    context.api.topics.ensure(arn)
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name } }
  },
})

export const topicPolicy = resourceType({
  properties: z.strictObject({
    Topics: z.array(z.string()),
    PolicyDocument: z.record(z.string(), z.unknown()),
  }),
  create: ({ Topics: arns, PolicyDocument }, context: Context) => {
    for (const arn of arns) context.api.iam.addResourcePolicy(arn, PolicyDocument)
    return { ref: physicalName(context, 128), attributes: {} }
  },
})

export const subscription = resourceType({
  properties: z.strictObject({
    TopicArn: z.string(),
    Protocol: z.enum(
      ['email', 'email-json', 'sms'],
      'email, email-json and sms are accepted: nothing is sent here',
    ),
    ...inertProperties(nobody, 'Endpoint', 'FilterPolicy', 'FilterPolicyScope', 'Region'),
  }),
  create: (_, context: Context) => {
    const arn = arnOf(context, 'sns', physicalName(context, 128))
    return { ref: arn, attributes: { Arn: arn } }
  },
})
