import { TemplateError } from '../errors.ts'
import { mapTexts } from './map-texts.ts'

/** Where the values come from; each throws if there is none. */
export type ReferenceSources = {
  readonly secret: (idOrArn: string) => string
  readonly parameter: (name: string) => string
}

const secretReference =
  /^secretsmanager:(?<id>arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:[^:]*|[^:]*):SecretString:(?<key>[^:]*)(?::AWSCURRENT)?:*$/
const wholeSecret =
  /^secretsmanager:(?<id>arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:[^:]*|[^:]*)(?::SecretString)?:*$/
const parameterReference = /^ssm(?:-secure)?:(?<name>[^:]*)(?::\d+)?$/

/**
 * Replaces CloudFormation's dynamic references, `{{resolve:secretsmanager:...}}` and `{{resolve:ssm:...}}`,
 * in every string of a value. Throws a TemplateError for one that it cannot read.
 */
export const resolveDynamicReferences = (value: unknown, sources: ReferenceSources): unknown =>
  mapTexts(value, (text) =>
    text.replaceAll(/\{\{resolve:([^}]+)\}\}/g, (_all, reference: string) => lookUp(reference, sources)),
  )

const lookUp = (reference: string, { secret, parameter }: ReferenceSources): string => {
  const whole = wholeSecret.exec(reference)?.groups
  if (whole !== undefined) return secret(whole['id'] ?? '')
  const keyed = secretReference.exec(reference)?.groups
  if (keyed !== undefined) return memberOf(secret(keyed['id'] ?? ''), keyed['key'] ?? '', reference)
  const named = parameterReference.exec(reference)?.groups
  if (named !== undefined) return parameter(named['name'] ?? '')
  throw new TemplateError(`Dynamic reference ${reference} is not supported.`)
}

const memberOf = (secret: string, key: string, reference: string): string => {
  const parsed: unknown = JSON.parse(secret)
  const member: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, key) : undefined
  if (typeof member === 'string' || typeof member === 'number') return String(member)
  throw new TemplateError(`Dynamic reference ${reference}: the secret has no member ${key}.`)
}
