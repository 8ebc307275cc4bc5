import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

import { pagePolicy } from '../../lib/page-policy.ts'

/** What a route answers. */
export type Answer = {
  readonly status: number
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
}

/** Sent with every answer, those of the API included. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': pagePolicy(),
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
