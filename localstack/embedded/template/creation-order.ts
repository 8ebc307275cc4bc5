import type { Template, TemplateResource } from './assembly.ts'
import { TemplateError } from '../errors.ts'

/**
 * The logical ids of `included` resources in an order in which every resource comes after those that it
 * refers to or depends on, otherwise as in the template. Throws a TemplateError that shows a cycle.
 */
export function creationOrder(template: Template, included: ReadonlySet<string>): readonly string[] {
  const order: string[] = []
  const done = new Set<string>()
  const visit = (logicalId: string, path: readonly string[]): void => {
    if (done.has(logicalId) || !included.has(logicalId)) return
    if (path.includes(logicalId)) {
      const cycle = [...path.slice(path.indexOf(logicalId)), logicalId].join(' -> ')
      throw new TemplateError(`Resources depend on each other in a cycle: ${cycle}`)
    }
    const resource = template.Resources[logicalId]
    if (resource === undefined) return
    for (const needed of neededBy(resource)) visit(needed, [...path, logicalId])
    done.add(logicalId)
    order.push(logicalId)
  }
  for (const logicalId of Object.keys(template.Resources)) visit(logicalId, [])
  return order
}

function neededBy(resource: TemplateResource): ReadonlySet<string> {
  return new Set([...resource.DependsOn, ...references(resource.Properties)])
}

/** Everything a value refers to: logical ids, and names of parameters, which the caller sorts out. */
function references(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(references)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, argument]: [string, unknown]) => {
    if (key === 'Ref' && typeof argument === 'string') return [argument]
    if (key === 'Fn::GetAtt') return [targetOf(argument)]
    if (key === 'Fn::Sub') return placeholders(argument).concat(references(argument))
    return references(argument)
  })
}

function targetOf(argument: unknown): string {
  const first: unknown = Array.isArray(argument) ? argument[0] : argument
  return typeof first === 'string' ? (first.split('.')[0] ?? '') : ''
}

function placeholders(argument: unknown): readonly string[] {
  const format: unknown = Array.isArray(argument) ? argument[0] : argument
  if (typeof format !== 'string') return []
  return [...format.matchAll(/\$\{([^!}.][^}.]*)/g)].map((match) => match[1] ?? '')
}
