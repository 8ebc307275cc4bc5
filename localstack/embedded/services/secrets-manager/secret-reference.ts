import { TemplateError } from '../../errors.ts'

const keyedReference =
  /^secretsmanager:(?<id>arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:[^:]*|[^:]*):SecretString:(?<key>[^:]*)(?::AWSCURRENT)?:*$/
const wholeReference =
  /^secretsmanager:(?<id>arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:[^:]*|[^:]*)(?::SecretString)?:*$/

/**
 * The value of `{{resolve:secretsmanager:ID:SecretString:KEY}}` or of a whole secret; undefined if the reference is
 * not one to a secret. Throws a TemplateError if the secret has no such key.
 */
export function resolveSecretReference(
  reference: string,
  valueOf: (idOrArn: string) => string,
): string | undefined {
  const whole = wholeReference.exec(reference)?.groups
  if (whole !== undefined) return valueOf(whole['id'] ?? '')
  const keyed = keyedReference.exec(reference)?.groups
  if (keyed === undefined) return undefined
  return memberOf(valueOf(keyed['id'] ?? ''), keyed['key'] ?? '', reference)
}

function memberOf(secret: string, key: string, reference: string): string {
  const parsed: unknown = JSON.parse(secret)
  const member: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, key) : undefined
  if (typeof member === 'string' || typeof member === 'number') return String(member)
  throw new TemplateError(`Dynamic reference ${reference}: the secret has no member ${key}.`)
}
