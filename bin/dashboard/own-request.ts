import type { IncomingMessage } from 'node:http'

import { type Answer, problem } from './answer.ts'

const NAMES = ['localhost', '127.0.0.1', '[::1]']

/** The name and port that a request asked for, when it is the dashboard's; undefined for any other. */
function ownHostOf({ headers: { host = '' }, socket: { localPort } }: IncomingMessage): string | undefined {
  return NAMES.map((name) => `${name}:${localPort}`).find((own) => own === host.toLowerCase())
}

/**
 * Why a request is refused whoever is signed in; undefined when the dashboard's own page, a link typed or opened by a
 * person, or a program has sent it. No page can keep a browser from sending these headers.
 *
 * - `Host` shows a page whose own name was made to lead to this machine (DNS rebinding).
 * - `Origin` and `Sec-Fetch-Site` show a page of another origin; a server on another port of `localhost` is one too, and
 *   gets the cookie.
 */
export function refuseForeign(request: IncomingMessage): Answer | undefined {
  const { origin, 'sec-fetch-site': site } = request.headers
  const host = ownHostOf(request)
  if (host === undefined)
    return foreign(
      `the host ${JSON.stringify(request.headers.host ?? '')} is not the dashboard's: use localhost and port ${request.socket.localPort}`,
    )
  if (origin !== undefined && origin !== `http://${host}`)
    return foreign(`pages of the origin ${JSON.stringify(origin)} may not use the dashboard`)
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return foreign(
      `pages of other origins may not use the dashboard (Sec-Fetch-Site: ${JSON.stringify(site)}): type its address, or open it from a terminal`,
    )
  return undefined
}

/** Why a request that changes something is refused; undefined when the dashboard's own page has sent it. */
export function refuseUnasked({ headers }: IncomingMessage): Answer | undefined {
  // A browser sends it with every such request, and JSON from another origin only after it has asked.
  if (headers.origin === undefined) return foreign('a request that changes something needs the header Origin')
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1)
  if (type.trim().toLowerCase() === 'application/json') return undefined
  return problem(415, 'not-json', {
    title: 'The request is not JSON',
    detail: `content-type is ${JSON.stringify(headers['content-type'] ?? '')}; allowed: application/json`,
  })
}

function foreign(detail: string): Answer {
  return problem(403, 'foreign-request', { title: 'The request does not come from the dashboard', detail })
}
