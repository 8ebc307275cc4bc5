import type { IncomingHttpHeaders } from 'node:http'

/** Which web pages may use which paths; all other requests of web pages are refused. */
export type PageAccess = {
  readonly mayUse: (path: string) => boolean
  /** Beside the origin of the server itself; `*` is every origin. */
  readonly origins: readonly string[]
}

export const noPages: PageAccess = { mayUse: () => false, origins: [] }

/**
 * Why a request is refused that a web page may have made a browser send; undefined for all others. Programs, SDKs and
 * command lines send no `Origin` and no `Sec-Fetch-Site`, and no page can keep a browser from sending them:
 *
 * - `Host` shows a page whose own name was made to lead to this machine (DNS rebinding): it would be of the same origin.
 * - `Origin` shows a page that posts, or opens a WebSocket.
 * - `Sec-Fetch-Site` shows the rest: images, scripts, links, forms that get.
 */
export function foreignReason(
  { headers, url = '/' }: { readonly headers: IncomingHttpHeaders; readonly url?: string | undefined },
  pages: PageAccess,
): string | undefined {
  const host = hostOf(headers)
  if (!isLoopback(host))
    return `The host ${JSON.stringify(host)} is not this machine: use localhost, 127.0.0.1, [::1] or a name that ends in .localhost.`
  const path = url.split('?', 1)[0] ?? '/'
  const { origin } = headers
  const isOwn = origin === undefined || origin === `http://${host}`
  const isAdmitted = isOwn || pages.origins.includes(origin) || pages.origins.includes('*')
  if (origin !== undefined)
    return isAdmitted && pages.mayUse(path)
      ? undefined
      : `Web pages of the origin ${JSON.stringify(origin)} may not use ${path}.`
  const site = headers['sec-fetch-site'] ?? 'none'
  if (site === 'none' || (site === 'same-origin' && pages.mayUse(path))) return undefined
  return `Web pages may not use ${path} (Sec-Fetch-Site: ${site}).`
}

/** The host that a request names, in HTTP/2 too; empty if it names none. */
export function hostOf(headers: IncomingHttpHeaders): string {
  const authority = headers[':authority']
  return headers.host ?? (typeof authority === 'string' ? authority : '')
}

/** Every browser and resolver takes `localhost` and the names below it as this machine (RFC 6761). */
function isLoopback(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase()
  return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(name) || /^[a-z0-9._-]+\.localhost$/.test(name)
}
