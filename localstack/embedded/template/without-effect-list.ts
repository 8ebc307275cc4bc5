import * as z from 'zod'

/** A property that is accepted and has no effect, and why. */
export type PropertyWithoutEffect = { readonly name: string; readonly why: string }

const noted = z.object({ withoutEffect: z.string() })

/** Those of the properties that a schema describes, at any depth. */
export function propertiesWithoutEffect(schema: z.core.$ZodType, name = ''): PropertyWithoutEffect[] {
  const { success, data } = noted.safeParse(z.globalRegistry.get(schema))
  if (success) return [{ name, why: data.withoutEffect }]
  if (schema instanceof z.ZodObject)
    return Object.entries<z.core.$ZodType>(schema.shape).flatMap(([key, property]) =>
      propertiesWithoutEffect(property, key),
    )
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return propertiesWithoutEffect(schema.unwrap(), name)
  if (schema instanceof z.ZodArray) return propertiesWithoutEffect(schema.element, name)
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) => propertiesWithoutEffect(option, name))
  return []
}
