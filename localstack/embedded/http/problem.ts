import { STATUS_CODES } from 'node:http'
import type { HttpResponse } from './message.ts'

/** An answer of the server itself, before any service has seen the request (RFC 9457). */
export function problem(status: number, detail: string): HttpResponse {
  const body = JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail })
  return { status, headers: { 'content-type': 'application/problem+json' }, body }
}

/** That answer as bytes, for a connection whose request was not understood. */
export function rawProblem(status: number, detail: string): string {
  const { headers, body = '' } = problem(status, detail)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${headers?.['content-type']}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${String(body)}`
}
