import * as z from 'zod/mini'

import { type Components, type JsonSchema, jsonSchema, valueText } from './json-schema.ts'

/** What a request may say in its path or behind the question mark. */
export type Parameter = {
  readonly name: string
  readonly place: 'path' | 'query'
  readonly isRequired: boolean
  readonly description: string
  readonly schema: JsonSchema
  /** Its value in the example of the operation; undefined where that has none. */
  readonly example: string | undefined
}

/** A request that the API answers. */
export type Operation = {
  /** `get /v1/bars` */
  readonly id: string
  readonly method: Method
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description: string
  readonly parameters: readonly Parameter[]
  readonly body: { readonly schema: JsonSchema; readonly example: unknown } | undefined
  readonly answer: { readonly schema: JsonSchema; readonly example: unknown } | undefined
  readonly offersCsv: boolean
  /** What each status means. */
  readonly statuses: readonly (readonly [string, string])[]
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

const METHODS = ['get', 'post', 'put', 'delete'] as const

const contentSchema = z.record(
  z.string(),
  z.object({ schema: z.optional(jsonSchema), example: z.optional(z.unknown()) }),
)
const operationSchema = z.object({
  summary: z.string(),
  description: z.optional(z.string()),
  tags: z.optional(z.array(z.string())),
  parameters: z.optional(
    z.array(
      z.object({
        name: z.string(),
        in: z.string(),
        required: z.optional(z.boolean()),
        description: z.optional(z.string()),
        schema: z.optional(jsonSchema),
        example: z.optional(z.unknown()),
      }),
    ),
  ),
  requestBody: z.optional(z.object({ content: contentSchema })),
  responses: z.record(z.string(), z.object({ description: z.string(), content: z.optional(contentSchema) })),
})
type Described = z.output<typeof operationSchema>

/** An OpenAPI document, as far as the page reads it. */
export const openApiSchema = z.object({
  info: z.object({ description: z.optional(z.string()) }),
  paths: z.record(
    z.string(),
    z.object({
      get: z.optional(operationSchema),
      post: z.optional(operationSchema),
      put: z.optional(operationSchema),
      delete: z.optional(operationSchema),
    }),
  ),
  components: z.optional(z.object({ schemas: z.optional(z.record(z.string(), jsonSchema)) })),
})

export type Description = {
  readonly about: string
  readonly operations: readonly Operation[]
  readonly components: Components
}

const JSON_TYPE = 'application/json'

/** What an OpenAPI document says of each operation, in its order. */
export function describe({ info, paths, components }: z.output<typeof openApiSchema>): Description {
  return {
    about: info.description ?? '',
    components: components?.schemas ?? {},
    operations: Object.entries(paths).flatMap(([path, item]) =>
      METHODS.flatMap((method) => {
        const described = item[method]
        return described === undefined ? [] : [operationOf(method, path, described)]
      }),
    ),
  }
}

function operationOf(method: (typeof METHODS)[number], path: string, described: Described): Operation {
  const { summary, description = '', tags = [], parameters = [], requestBody, responses } = described
  const done = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1].content ?? {}
  return {
    id: `${method} ${path}`,
    method: METHOD_NAMES[method],
    path,
    tag: tags[0] ?? '',
    summary,
    description,
    parameters: parameters.flatMap((parameter) => parameterOf(parameter)),
    body: exampleOf(requestBody?.content),
    answer: exampleOf(done),
    offersCsv: done['text/csv'] !== undefined,
    statuses: Object.entries(responses).map(([status, response]) => [status, response.description]),
  }
}

const METHOD_NAMES = { get: 'GET', post: 'POST', put: 'PUT', delete: 'DELETE' } as const

function parameterOf(parameter: NonNullable<Described['parameters']>[number]): readonly Parameter[] {
  const { name, in: place, required = false, description = '', schema = {}, example } = parameter
  if (place !== 'path' && place !== 'query') return []
  const text = example === undefined ? undefined : valueText(example)
  return [{ name, place, isRequired: required, description, schema, example: text }]
}

function exampleOf(content: z.output<typeof contentSchema> = {}): Operation['answer'] {
  const { schema, example } = content[JSON_TYPE] ?? {}
  return schema === undefined ? undefined : { schema, example }
}
