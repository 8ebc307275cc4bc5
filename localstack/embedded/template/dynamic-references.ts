import { TemplateError } from '../errors.ts'
import { mapTexts } from './map-texts.ts'

/** Gives the value of a reference, or undefined if it is another service's; throws if there is none. */
export type ReferenceResolver = (reference: string) => string | undefined

/**
 * Replaces CloudFormation's dynamic references, such as `{{resolve:ssm:NAME}}`, in every string of a value. Throws a
 * TemplateError for one that none of the resolvers takes.
 */
export function resolveDynamicReferences(value: unknown, resolvers: readonly ReferenceResolver[]): unknown {
  const resolve = (reference: string): string => {
    for (const resolver of resolvers) {
      const found = resolver(reference)
      if (found !== undefined) return found
    }
    throw new TemplateError(`Dynamic reference ${reference} is not supported.`)
  }
  return mapTexts(value, (text) =>
    text.replaceAll(/\{\{resolve:([^}]+)\}\}/g, (_all, reference: string) => resolve(reference)),
  )
}
