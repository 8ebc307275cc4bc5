import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a message is signed with: `whsec_` and base64, as Standard Webhooks has it. */
const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/
const SECRET_BYTES = 32

/** Messages whose clock differs by more are refused, so that nobody sends a recorded one again later. */
const TOLERANCE_SECONDS = 300

export type SignedHeaders = {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

export function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`
}

/**
 * The headers that sign a message: HMAC-SHA256 over its id, the time and the body.
 *
 * @param message.time Unix seconds at which it is sent
 * @see https://www.standardwebhooks.com
 */
export function signMessage(
  secret: string,
  { id, time, body }: { readonly id: string; readonly time: number; readonly body: string },
): SignedHeaders {
  const [, key = ''] = SECRET.exec(secret) ?? []
  if (key === '') throw new TypeError('the secret of a webhook is not whsec_ and base64')
  const hmac = createHmac('sha256', Buffer.from(key, 'base64')).update(`${id}.${time}.${body}`)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(time),
    'webhook-signature': `v1,${hmac.digest('base64')}`,
  }
}

/** What is wrong with the signature of a message; undefined where nothing is. @param now Unix seconds */
export function signatureFault(
  secret: string,
  message: { readonly headers: Readonly<Record<string, unknown>>; readonly body: string },
  now: number,
): string | undefined {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': given } = message.headers
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof given !== 'string')
    return 'it is not signed: webhook-id, webhook-timestamp or webhook-signature is missing'
  const time = Number(timestamp)
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - time) > TOLERANCE_SECONDS)
    return `its time, ${timestamp.slice(0, 20)}, is more than ${TOLERANCE_SECONDS} s from now`
  const expected = Buffer.from(signMessage(secret, { id, time, body: message.body })['webhook-signature'])
  const matches = given
    .split(' ')
    .map((each) => Buffer.from(each))
    .some((each) => each.length === expected.length && timingSafeEqual(each, expected))
  return matches ? undefined : 'its signature is not of this secret, or the message was changed'
}
