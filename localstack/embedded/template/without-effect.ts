import * as z from 'zod'
import { arnOf, inertProperties, physicalName, resourceType } from './resource-type.ts'

/** What of an ARN stands around the name; CloudFormation's ARN of a log group ends with `:*`. */
type Arn = { readonly service: string; readonly prefix: string; readonly suffix?: string }

/**
 * A resource type that is accepted and does nothing on one machine, such as a permission or an alarm. Its properties are checked to be known ones, and its `Ref` and attributes have AWS's form.
 */
export function withoutEffect(
  why: string,
  names: readonly string[],
  identity: { readonly nameProperty?: string; readonly arn?: Arn } = {},
) {
  return resourceType({
    properties: z.strictObject(
      inertProperties(why, ...names, ...(identity.nameProperty ? [identity.nameProperty] : [])),
    ),
    create: (properties, context) => {
      const given = z.string().safeParse(properties[identity.nameProperty ?? ''])
      const ref = given.success ? given.data : physicalName(context, 128)
      if (identity.arn === undefined) return { ref, attributes: {} }
      const { service, prefix, suffix = '' } = identity.arn
      return { ref, attributes: { Arn: arnOf(context, service, prefix + ref + suffix) } }
    },
  })
}
