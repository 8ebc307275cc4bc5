import type { Assembly } from './template/assembly.ts'
import { creationOrder } from './template/creation-order.ts'
import { mapTexts } from './template/map-texts.ts'
import { resolveDynamicReferences } from './template/dynamic-references.ts'
import { ResourceError } from './errors.ts'
import { conditionHolds, resolveValue } from './template/resolve.ts'
import type { Created, PseudoParameters, Scope } from './template/resolve.ts'
import { findTypeOwner } from './template/resource-types.ts'
import type { RunningService } from './service.ts'

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
export async function deployStack(
  assembly: Assembly,
  services: readonly RunningService[],
  options: {
    readonly pseudo: PseudoParameters
    readonly parameters: Readonly<Record<string, string>>
    readonly gateway: string
    readonly clientEnvironment: Readonly<Record<string, string>>
    readonly onProgress: (progress: DeployProgress) => void
  },
): Promise<DeployedStack> {
  const { template, stackName } = assembly
  const created = new Map<string, Created>()
  const { pseudo, parameters, gateway, clientEnvironment } = options
  const scope: Scope = { template, pseudo, parameters, created }
  refuseUnknownParameters(scope)
  const planned = plannedResources(scope, services)
  const local = (text: string): string =>
    services.reduce((changed, { localUrls }) => localUrls?.(changed, gateway) ?? changed, text)
  const resolvers = services.flatMap(({ resolveReference }) => resolveReference ?? [])
  const { accountId, region } = pseudo
  const resources: DeployedResource[] = []
  for (const { logicalId, type, properties: unresolved, owner } of planned) {
    const resolved = mapTexts(resolveIn(logicalId, unresolved, scope), local)
    const properties = resolveDynamicReferences(resolved, resolvers)
    const context = { logicalId, type, stackName, accountId, region, gateway, clientEnvironment }
    const resource = await owner.service.create(owner.listedAs, properties, context)
    created.set(logicalId, resource)
    resources.push({ logicalId, type, physicalId: resource.ref })
    options.onProgress({ logicalId, type, done: resources.length, total: planned.length })
  }
  return { outputs: outputsOf(scope, local), resources }
}

function plannedResources(scope: Scope, services: readonly RunningService[]) {
  const { template } = scope
  const included = new Set(Object.keys(template.Resources).filter((id) => isIncluded(id, scope)))
  return creationOrder(template, included).flatMap((logicalId) => {
    const resource = template.Resources[logicalId]
    if (resource === undefined) return []
    const { Type: type, Properties: properties } = resource
    return [{ logicalId, type, properties, owner: findTypeOwner(services, { type, logicalId }) }]
  })
}

function isIncluded(logicalId: string, scope: Scope): boolean {
  const condition = scope.template.Resources[logicalId]?.Condition
  return condition === undefined || conditionHolds(condition, scope)
}

function resolveIn(logicalId: string, properties: unknown, scope: Scope): unknown {
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

function refuseUnknownParameters({ template, parameters }: Scope): void {
  const unknown = Object.keys(parameters).find((name) => !Object.hasOwn(template.Parameters, name))
  if (unknown === undefined) return
  const known = Object.keys(template.Parameters).join(', ') || 'none'
  throw new ResourceError(`The stack has no parameter ${unknown}; it has: ${known}.`)
}

function outputsOf(scope: Scope, local: (text: string) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(scope.template.Outputs)
      .filter(([, { Condition }]) => Condition === undefined || conditionHolds(Condition, scope))
      .map(([name, { Value }]) => [name, local(String(resolveValue(Value, scope)))]),
  )
}
