import * as z from 'zod'
import { because, inert, inertProperties, physicalName, resourceType } from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { ParameterStore } from './parameter-store.ts'

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
  create: (properties, context: ResourceContext<ParameterStore>) => {
    const name = properties.Name ?? physicalName(context, 1011)
    context.api.declare({
      name,
      type: properties.Type,
      value: properties.Value,
      allowedPattern: properties.AllowedPattern,
    })
    return { ref: name, attributes: { Type: properties.Type, Value: properties.Value } }
  },
})
