import { createHash } from 'node:crypto'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** What a route answers. */
export type Answer = {
  readonly status: number
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
}

/** The style element that lightweight-charts 5 adds for its attribution; all else it sets through the object model. */
const ATTRIBUTION_STYLE =
  'a#tv-attr-logo{--fill:#131722;--stroke:#fff;position:absolute;left:10px;bottom:10px;height:19px;width:35px;margin:0;padding:0;border:0;z-index:3;}a#tv-attr-logo[data-dark]{--fill:#D1D4DC;--stroke:#131722;}'

/** What a page of the dashboard may load: its own files and nothing else. */
const PAGE_POLICY = [
  "default-src 'self'",
  `style-src 'self' 'sha256-${createHash('sha256').update(ATTRIBUTION_STYLE).digest('base64')}'`,
  "img-src 'self' data:",
  ...['object-src', 'base-uri', 'form-action', 'frame-ancestors'].map((name) => `${name} 'none'`),
].join('; ')

/** Sent with every answer, those of the API included. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': PAGE_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

const NOT_KEPT = { 'cache-control': 'no-store' }

/** JSON that no cache keeps. */
export function json(value: unknown, status = 200): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...NOT_KEPT },
    body: JSON.stringify(value),
  }
}

/** An error as RFC 9457 has it, as the API's are. */
export function problem(
  status: number,
  kind: string,
  { title, detail, headers }: { title: string; detail: string; headers?: OutgoingHttpHeaders },
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...NOT_KEPT, ...headers },
    body: JSON.stringify({ type: `urn:tickstock:${kind}`, title, status, detail }),
  }
}

/** A request that a route refuses; its message is for the sender. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`)
    this.answer = answer
  }
}

/** Sends an answer with the security headers. */
export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'content-length': Buffer.byteLength(body ?? ''),
    ...headers,
  })
  response.end(body)
}
