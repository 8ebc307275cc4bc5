import * as z from 'zod/mini'

/** The part of a JSON schema that the page shows. */
export type JsonSchema = {
  readonly $ref?: string | undefined
  readonly type?: string | readonly string[] | undefined
  readonly description?: string | undefined
  readonly example?: unknown
  readonly default?: unknown
  readonly enum?: readonly unknown[] | undefined
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined
  readonly required?: readonly string[] | undefined
  readonly items?: JsonSchema | undefined
  readonly additionalProperties?: boolean | JsonSchema | undefined
  readonly allOf?: readonly JsonSchema[] | undefined
  readonly anyOf?: readonly JsonSchema[] | undefined
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
}

export const jsonSchema: z.ZodMiniType<JsonSchema> = z.lazy(() =>
  z.object({
    $ref: z.optional(z.string()),
    type: z.optional(z.union([z.string(), z.array(z.string())])),
    description: z.optional(z.string()),
    example: z.optional(z.unknown()),
    default: z.optional(z.unknown()),
    enum: z.optional(z.array(z.unknown())),
    properties: z.optional(z.record(z.string(), jsonSchema)),
    required: z.optional(z.array(z.string())),
    items: z.optional(jsonSchema),
    additionalProperties: z.optional(z.union([z.boolean(), jsonSchema])),
    allOf: z.optional(z.array(jsonSchema)),
    anyOf: z.optional(z.array(jsonSchema)),
    minimum: z.optional(z.number()),
    maximum: z.optional(z.number()),
  }),
)

/** Schemas by name, to which others refer. */
export type Components = Readonly<Record<string, JsonSchema>>

/** A field of a schema, in the order in which JSON has it. */
export type Field = {
  readonly name: string
  /** Of fields around it. */
  readonly depth: number
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
}

const PREFIX = '#/components/schemas/'
const MOST_DEPTH = 6

/** The schema that is meant: references followed, and what is said beside them added. */
export function resolved(schema: JsonSchema, components: Components): JsonSchema {
  const { $ref, allOf = [], ...own } = schema
  const target = $ref === undefined ? undefined : components[$ref.replace(PREFIX, '')]
  const parts = [...(target ? [target] : []), ...allOf].map((part) => resolved(part, components))
  const described = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
  return Object.assign({}, ...parts, described)
}

/** A value as a reader would fill it in. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A type in words: `number or null`, `list of text`. */
export function typeText(schema: JsonSchema, components: Components): string {
  const { type, anyOf, enum: values, items, additionalProperties } = resolved(schema, components)
  if (anyOf !== undefined) return [...new Set(anyOf.map((one) => typeText(one, components)))].join(' or ')
  if (values !== undefined) return values.map(valueText).join(' | ')
  if (items !== undefined) return `list of ${typeText(items, components)}`
  if (typeof additionalProperties === 'object')
    return `object of ${typeText(additionalProperties, components)}`
  const types = typeof type === 'string' ? [type] : (type ?? ['any'])
  return types.map((name) => (name === 'string' ? 'text' : name)).join(' or ')
}

/** All fields of a schema, those of objects within it behind their own. */
export function fieldsOf(schema: JsonSchema, components: Components, depth = 0): readonly Field[] {
  if (depth > MOST_DEPTH) return []
  const { properties, required = [], items, additionalProperties } = resolved(schema, components)
  if (properties !== undefined)
    return Object.entries(properties).flatMap(([name, field]) => [
      fieldOf(name, field, { components, depth, isRequired: required.includes(name) }),
      ...fieldsOf(field, components, depth + 1),
    ])
  if (items !== undefined) return fieldsOf(items, components, depth)
  if (typeof additionalProperties !== 'object') return []
  const field = fieldOf('(each key)', additionalProperties, { components, depth, isRequired: false })
  return [field, ...fieldsOf(additionalProperties, components, depth + 1)]
}

function fieldOf(
  name: string,
  schema: JsonSchema,
  { components, ...rest }: Pick<Field, 'depth' | 'isRequired'> & { readonly components: Components },
): Field {
  const { description = '' } = resolved(schema, components)
  return { name, type: typeText(schema, components), description, ...rest }
}
