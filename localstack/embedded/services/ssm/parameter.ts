import * as z from 'zod'
import { because, inert, inertProperties, physicalName, resourceType } from '../../template/resource-type.ts'

export const ssmParameter = resourceType({
  properties: z.strictObject({
    Name: z.string().optional(),
    Type: z.enum(['String', 'StringList']),
    Value: z.string(),
    AllowedPattern: z.string().optional(),
    DataType: z.literal('text', 'only text is supported').optional(),
    ...inertProperties(because.naming, 'Description', 'Tags'),
    Tier: inert(because.capacity),
  }),
  create: (properties, context) => {
    const name = properties.Name ?? physicalName(context, 1011)
    context.services.parameters.declare({
      name,
      type: properties.Type,
      value: properties.Value,
      allowedPattern: properties.AllowedPattern,
    })
    return { ref: name, attributes: { Type: properties.Type, Value: properties.Value } }
  },
})
