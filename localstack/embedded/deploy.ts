import type { Assembly } from './template/assembly.ts'
import { creationOrder } from './template/creation-order.ts'
import { mapTexts } from './template/map-texts.ts'
import { resolveDynamicReferences } from './template/dynamic-references.ts'
import { ResourceError } from './errors.ts'
import { conditionHolds, resolveValue } from './template/resolve.ts'
import type { Created, PseudoParameters, Scope } from './template/resolve.ts'
import { resourceTypeOf } from './services/resource-types.ts'
import type { Services } from './services.ts'

/** Told after each resource. */
export type DeployProgress = {
  readonly logicalId: string
  readonly type: string
  readonly done: number
  readonly total: number
}

/** A resource as it was created. */
export type DeployedResource = {
  readonly logicalId: string
  readonly type: string
  readonly physicalId: string
}

export type DeployedStack = {
  readonly outputs: Readonly<Record<string, string>>
  readonly resources: readonly DeployedResource[]
}

/**
 * Creates the resources of a stack one after the other, each after those that it needs. Throws before anything is
 * created if a type is not supported or the template is in a cycle.
 */
export const deployStack = async (
  assembly: Assembly,
  services: Services,
  options: {
    readonly pseudo: PseudoParameters
    readonly parameters: Readonly<Record<string, string>>
    readonly onProgress: (progress: DeployProgress) => void
  },
): Promise<DeployedStack> => {
  const { template, stackName } = assembly
  const created = new Map<string, Created>()
  const scope: Scope = { template, pseudo: options.pseudo, parameters: options.parameters, created }
  refuseUnknownParameters(scope)
  const included = new Set(Object.keys(template.Resources).filter((id) => isIncluded(id, scope)))
  const planned = creationOrder(template, included).flatMap((logicalId) => {
    const resource = template.Resources[logicalId]
    if (resource === undefined) return []
    return [{ logicalId, ...resource, creator: resourceTypeOf(resource.Type, logicalId) }]
  })
  const sources = {
    secret: (id: string) => services.secrets.find(id).value,
    parameter: (name: string) => services.parameters.value(name),
  }
  const { accountId, region } = options.pseudo
  const resources: DeployedResource[] = []
  for (const { logicalId, Type: type, Properties, creator } of planned) {
    const resolved = mapTexts(resolveIn(logicalId, Properties, scope), services.reachable)
    const properties = resolveDynamicReferences(resolved, sources)
    const context = { logicalId, type, stackName, accountId, region, services }
    const resource = await creator.create(properties, context)
    created.set(logicalId, resource)
    resources.push({ logicalId, type, physicalId: resource.ref })
    options.onProgress({ logicalId, type, done: resources.length, total: planned.length })
  }
  return { outputs: outputsOf(scope, services.reachable), resources }
}

const isIncluded = (logicalId: string, scope: Scope): boolean => {
  const condition = scope.template.Resources[logicalId]?.Condition
  return condition === undefined || conditionHolds(condition, scope)
}

const resolveIn = (logicalId: string, properties: unknown, scope: Scope): unknown => {
  try {
    return resolveValue(properties, scope)
  } catch (error) {
    const type = scope.template.Resources[logicalId]?.Type ?? 'unknown type'
    throw new ResourceError(
      `${logicalId} (${type}): ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    )
  }
}

const refuseUnknownParameters = ({ template, parameters }: Scope): void => {
  const unknown = Object.keys(parameters).find((name) => !Object.hasOwn(template.Parameters, name))
  if (unknown === undefined) return
  const known = Object.keys(template.Parameters).join(', ') || 'none'
  throw new ResourceError(`The stack has no parameter ${unknown}; it has: ${known}.`)
}

const outputsOf = (scope: Scope, reachable: (text: string) => string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(scope.template.Outputs)
      .filter(([, { Condition }]) => Condition === undefined || conditionHolds(Condition, scope))
      .map(([name, { Value }]) => [name, reachable(String(resolveValue(Value, scope)))]),
  )
