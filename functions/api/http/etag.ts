import { createHash } from 'node:crypto'

import type { Context } from 'hono'

/** What an answer says. */
export type Body = string | Uint8Array<ArrayBuffer>

export type RespondOptions = {
  readonly contentType: string
  readonly headers: Readonly<Record<string, string>>
  /** @default 200 */
  readonly status?: 200 | 503
  /** The same with gzip, where it is sent so. */
  readonly compressed?: Uint8Array<ArrayBuffer> | undefined
}

/** The response with that body under its ETag; 304 without it to who has it. */
export function respondWith(
  context: Context,
  body: Body,
  { contentType, headers, status = 200, compressed }: RespondOptions,
): Response {
  const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  if (status === 200 && seen(context, etag))
    return new Response(null, { status: 304, headers: { ...headers, etag } })
  return new Response(compressed ?? body, {
    status,
    headers: {
      ...headers,
      etag,
      'content-type': contentType,
      ...(compressed && { 'content-encoding': 'gzip' }),
    },
  })
}

function seen(context: Context, etag: string): boolean {
  const known = context.req.header('if-none-match') ?? ''
  return known.split(',').some((tag) => tag.trim() === '*' || tag.trim() === etag)
}
