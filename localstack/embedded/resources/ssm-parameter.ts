import * as z from 'zod'
import { inertProperties, physicalName, resourceType } from './resource-type.ts'

export const ssmParameter = resourceType({
  properties: z.strictObject({
    Name: z.string().optional(),
    Type: z.enum(['String', 'StringList']),
    Value: z.string(),
    ...inertProperties('AllowedPattern', 'DataType', 'Description', 'Policies', 'Tags', 'Tier'),
  }),
  create: (properties, context) => {
    const name = properties.Name ?? physicalName(context, 1011)
    context.services.parameters.declare({ name, type: properties.Type, value: properties.Value })
    return { ref: name, attributes: { Type: properties.Type, Value: properties.Value } }
  },
})
