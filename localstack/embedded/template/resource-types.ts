import { ResourceError } from '../errors.ts'
import type { RunningService, Service } from '../service.ts'

/** A service and the name under which it lists a resource type. */
export type TypeOwner = { readonly service: RunningService; readonly listedAs: string }

/** Finds the service of a resource type; throws a ResourceError that names the resource and what is supported. */
export function findTypeOwner(
  services: readonly RunningService[],
  { type, logicalId }: { readonly type: string; readonly logicalId: string },
): TypeOwner {
  for (const listedAs of [type, `${type.split('::')[0]}::*`])
    for (const service of services)
      if (Object.hasOwn(service.definition.resourceTypes, listedAs)) return { service, listedAs }
  const supported = resourceTypesOf(services.map(({ definition }) => definition)).map(([name]) => name)
  throw new ResourceError(
    `${logicalId} is of type ${type}, which is not supported. Supported: ${supported.join(', ')}`,
  )
}

/** The resource types of services by name, in the order of the names. */
export function resourceTypesOf(services: readonly Service[]) {
  return services
    .flatMap(({ resourceTypes }) => Object.entries(resourceTypes))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
}
