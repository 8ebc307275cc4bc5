import type { IncomingMessage } from 'node:http'

import type * as z from 'zod'

import { problem, RefusedError } from './answer.ts'

const MAX_BYTES = 16 * 1024

/**
 * Reads the JSON that a request carries.
 *
 * @throws RefusedError when it is too large, no JSON, or of another shape
 */
export async function readBody<Shape>(request: IncomingMessage, schema: z.ZodType<Shape>): Promise<Shape> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const data = Buffer.from(chunk)
    bytes += data.length
    if (bytes > MAX_BYTES) throw refused(413, `the body has more than ${MAX_BYTES} bytes`)
    chunks.push(data)
  }
  const parsed = schema.safeParse(parseJson(Buffer.concat(chunks).toString('utf8')))
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`)
  throw refused(400, faults.join('; '))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw refused(400, 'the body is not JSON')
  }
}

function refused(status: number, detail: string): RefusedError {
  const headers = status === 413 ? { connection: 'close' } : {}
  return new RefusedError(problem(status, 'bad-body', { title: 'The body is wrong', detail, headers }))
}
