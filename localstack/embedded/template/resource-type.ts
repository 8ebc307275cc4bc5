import * as z from 'zod'
import { EmbeddedRuntimeError, messageOf, ResourceError } from '../errors.ts'
import type { Created } from './resolve.ts'

/** @typeParam Api that of the service which creates the resource */
export type ResourceContext<Api = unknown> = {
  readonly logicalId: string
  readonly type: string
  readonly stackName: string
  readonly accountId: string
  readonly region: string
  /** URL of the gateway. */
  readonly gateway: string
  /** Variables that lead clients to the services of this stack. */
  readonly clientEnvironment: Readonly<Record<string, string>>
  readonly api: Api
}

/** How resources of one type are created from their resolved properties. */
export type ResourceType<Api = unknown> = {
  readonly properties: z.ZodType
  readonly create: (properties: unknown, context: ResourceContext<Api>) => Promise<Created>
}

/**
 * A resource type with a strict schema of its properties. Creating it throws a ResourceError that names the
 * resource, its type and each property that is unknown or wrong.
 */
export function resourceType<Schema extends z.ZodType, Api = unknown>(definition: {
  readonly properties: Schema
  readonly create: (properties: z.output<Schema>, context: ResourceContext<Api>) => Created | Promise<Created>
}): ResourceType<Api> {
  return {
    properties: definition.properties,
    create: async (properties, context) => {
      const { logicalId, type } = context
      const parsed = definition.properties.safeParse(properties)
      if (!parsed.success) {
        const problems = parsed.error.issues.map(problemOf).join('; ')
        throw new ResourceError(`${logicalId} (${type}) cannot run here: ${problems}`)
      }
      try {
        return await definition.create(parsed.data, context)
      } catch (error) {
        if (error instanceof EmbeddedRuntimeError && error.message.includes(logicalId)) throw error
        throw new ResourceError(`${logicalId} (${type}): ${messageOf(error)}`, { cause: error })
      }
    },
  }
}

function problemOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.')
  if (issue.code !== 'unrecognized_keys') return `property ${path}: ${issue.message}`
  const names = issue.keys.map((key) => (path === '' ? key : `${path}.${key}`))
  return `property ${names.join(', ')} is not supported`
}

/**
 * A property that is known and has no effect on one machine, and why an application may do without: README.md
 * lists all. What an application would miss is no such property, but an error that names it.
 */
export function inert(why: string) {
  return z.unknown().optional().meta({ withoutEffect: why })
}

/** Several such properties by name, for one reason. */
export function inertProperties(why: string, ...names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, inert(why)]))
}

/** The reasons that many have. */
export const because = {
  naming: 'a name or description only',
  access: 'permissions are not enforced',
  encryption: 'data is not encrypted',
  watching: 'the runtime has no tracing, access logs or metrics',
  capacity: 'capacity is not limited',
  deletion: 'data is deleted only by hand, and there are no backups',
} as const

/** CloudFormation takes a number also as text, as a parameter gives it. */
export const cfnNumber = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
])

/** CloudFormation takes a boolean also as text. */
export const cfnBoolean = z.union([
  z.boolean(),
  z.enum(['true', 'false']).transform((text) => text === 'true'),
])

/** The physical name of a resource that is given none: the same at every start, so that its state is found again. */
export function physicalName(
  { stackName, logicalId }: Pick<ResourceContext, 'stackName' | 'logicalId'>,
  maxLength: number,
): string {
  return `${stackName}-${logicalId}`.slice(0, maxLength)
}

/** The ARN of a resource of this account and region. */
export function arnOf(
  { region, accountId }: Pick<ResourceContext, 'region' | 'accountId'>,
  service: string,
  resource: string,
): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`
}
