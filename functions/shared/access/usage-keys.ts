import { createHash, randomBytes } from 'node:crypto'

/**
 * API Gateway stores the value of an API key as it is given. With an authorizer, that value is the hash of the key that the
 * client sends; so a key cannot be read anywhere after it was made. Keys without an authorizer, and the first key of a
 * deployment, which CloudFormation makes, are stored as they are sent: letters and digits only, so that neither form can be
 * sent in place of the other.
 */
const HASHED_PREFIX = 'tsk_'
const KEY_LENGTH = 40
const PLAIN = /^[A-Za-z0-9]{20,128}$/
const HASHED = /^tsk_(?:operator)?[A-Za-z0-9]{40}$/

/**
 * What a key may do. An operator's says so itself, which is enough, since only keys of API Gateway are taken and no other
 * kind has its form: those without are shorter.
 */
export type KeyKind = 'reader' | 'operator'
const OPERATOR_PREFIX = 'operator'
const OPERATOR = /^(?:tsk_)?operator[A-Za-z0-9]{40}$/

/** Whether API Gateway takes the key from the header itself (`HEADER`), or from the authorizer. */
export type KeySource = 'HEADER' | 'AUTHORIZER'

/** A new key of 238 bits, as its client sends it, and as API Gateway stores it. */
export function newKey(
  source: KeySource,
  kind: KeyKind = 'reader',
): { readonly sent: string; readonly stored: string } {
  const text = `${kind === 'operator' ? OPERATOR_PREFIX : ''}${randomText(KEY_LENGTH)}`
  const sent = source === 'HEADER' ? text : `${HASHED_PREFIX}${text}`
  return { sent, stored: usageKeyOf(sent) ?? sent }
}

/** What API Gateway stores for a key that a client sends; undefined if no key looks like that. */
export function usageKeyOf(sent: string): string | undefined {
  if (HASHED.test(sent)) return `sha256-${createHash('sha256').update(sent).digest('hex')}`
  return PLAIN.test(sent) ? sent : undefined
}

/** Whether a key, as its client sends it, is an operator's; whether it is valid at all, API Gateway knows. */
export function isOperatorKey(sent: string): boolean {
  return OPERATOR.test(sent)
}

/** API Gateway refuses shorter values. */
const SHORTEST = 20

/**
 * The stored value of the key that counts what people read, who send none.
 *
 * @param deployment its name, as `tickstock-prod`
 */
export function peopleKey(deployment: string): string {
  return `${deployment}-people`.padEnd(SHORTEST, '-')
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Letters and digits, each equally likely. */
function randomText(length: number): string {
  let text = ''
  while (text.length < length)
    // Above the largest multiple of the alphabet's length, the first letters would be likelier.
    for (const byte of randomBytes(length)) if (byte < 248) text += ALPHABET[byte % ALPHABET.length]
  return text.slice(0, length)
}
