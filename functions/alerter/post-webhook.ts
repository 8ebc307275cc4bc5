import { lookup as lookUp } from 'node:dns'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'

import type { Attempt } from './message.ts'
import { signMessage } from './sign.ts'
import { hostOf, isPublicAddress, refuseUrl } from './webhook-url.ts'

type Posted = {
  readonly url: string
  readonly secret: string
  /** The same at each attempt. */
  readonly id: string
  readonly body: string
}

/** Sends a message once; never rejects. */
export type PostWebhook = (message: Posted) => Promise<Attempt>

const TIMEOUT_MS = 10_000
/** 410: the receiver wants no more. */
const GONE = 410

/** @param now Unix milliseconds */
export function createWebhook(privateAddresses: 'allowed' | 'refused', now: () => number): PostWebhook {
  return async ({ url, secret, id, body }) => {
    try {
      // Again, since the setting may have changed since the rule was added.
      const target = refuseUrl(url, privateAddresses)
      const signed = signMessage(secret, { id, time: Math.floor(now() / 1000), body })
      const status = await post(target, { headers: { ...signed }, body, privateAddresses })
      const answer = `the receiver answered ${status}`
      if (status >= 200 && status < 300) return { type: 'delivered', detail: answer }
      const reason = status >= 300 && status < 400 ? `${answer}; redirects are not followed` : answer
      return { type: status === GONE ? 'refused' : 'failed', reason }
    } catch (error) {
      return { type: 'failed', reason: reasonOf(error) }
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'AbortError') return `no answer in ${TIMEOUT_MS / 1000} s`
  return error instanceof Error ? error.message || error.name : String(error)
}

type Post = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly privateAddresses: 'allowed' | 'refused'
}

/** Resolves to the status of the answer, of which nothing else is read. */
async function post(url: URL, { headers, body, privateAddresses }: Post): Promise<number> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const sent = request(
    url,
    {
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'TickStock',
      },
      ...(privateAddresses === 'refused' && { lookup: publicLookup }),
    },
    (answer) => {
      resolve(answer.statusCode ?? 0)
      answer.destroy()
    },
  )
  sent.on('error', reject)
  sent.end(body)
  try {
    return await promise
  } catch (error) {
    throw new Error(`${hostOf(url)}: ${reasonOf(error)}`, { cause: error })
  }
}

/** Looks a name up, and connects to none of its addresses when one is not public: what was checked is what is connected to. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookUp(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, [])
    const bad = addresses.find(({ address }) => !isPublicAddress(address))
    if (bad !== undefined)
      return callback(new Error(`${hostname} is at ${bad.address}, which is not public`), [])
    const [first] = addresses
    if (options.all === true) callback(null, addresses)
    else callback(null, first?.address ?? '', first?.family)
  })
}
