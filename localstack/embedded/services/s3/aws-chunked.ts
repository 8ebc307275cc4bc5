import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { HttpRequest } from '../../http/message.ts'
import { ServiceError } from '../../http/json-service.ts'

/**
 * The object in a PutObject request, out of its `aws-chunked` framing if it has one.
 * Throws a ServiceError if its length or its checksum (CRC32, SHA-1, SHA-256) is not as announced.
 */
export function objectBody({ headers, body }: HttpRequest): Buffer {
  const isChunked =
    String(headers['x-amz-content-sha256']).startsWith('STREAMING-') ||
    String(headers['content-encoding']).split(',').includes('aws-chunked')
  const { content, trailers } = isChunked ? decodeChunks(body) : { content: body, trailers: {} }
  const announced = headers['x-amz-decoded-content-length']
  if (announced !== undefined && Number(announced) !== content.length) {
    throw new ServiceError(
      'IncompleteBody',
      `The object has ${content.length} bytes; ${String(announced)} were expected.`,
    )
  }
  for (const [name, compute] of Object.entries(checksums)) {
    const expected = trailers[name] ?? headers[name]
    if (expected !== undefined && expected !== compute(content)) {
      throw new ServiceError('BadDigest', `The object does not match its ${name} ${String(expected)}.`)
    }
  }
  return content
}

function hash(algorithm: string) {
  return (content: Buffer) => createHash(algorithm).update(content).digest('base64')
}

const checksums: Readonly<Record<string, (content: Buffer) => string>> = {
  'content-md5': hash('md5'),
  'x-amz-checksum-crc32': (content) => {
    const value = Buffer.alloc(4)
    value.writeUInt32BE(crc32(content))
    return value.toString('base64')
  },
  'x-amz-checksum-sha1': hash('sha1'),
  'x-amz-checksum-sha256': hash('sha256'),
}

const lineEnd = Buffer.from('\r\n')

/** `<hex size>[;chunk-signature=...]\r\n<bytes>\r\n` ..., then size 0 and the trailers, each on a line. */
function decodeChunks(body: Buffer): { content: Buffer; trailers: Readonly<Record<string, string>> } {
  const chunks: Buffer[] = []
  let offset = 0
  for (;;) {
    const end = body.indexOf(lineEnd, offset)
    const line = body.subarray(offset, Math.max(end, offset)).toString('latin1')
    const size = /^[\da-f]{1,8}(;|$)/i.test(line) ? Number.parseInt(line, 16) : undefined
    if (size === undefined || offset + size > body.length) {
      throw new ServiceError('IncompleteBody', `The aws-chunked body ends early, at byte ${offset}.`)
    }
    offset = end + lineEnd.length
    if (size === 0) break
    chunks.push(body.subarray(offset, offset + size))
    offset += size + lineEnd.length
  }
  const lines = body.subarray(offset).toString('latin1').split('\r\n')
  const trailers = lines.map((line) => line.split(':')).filter((pair) => pair.length === 2)
  return {
    content: Buffer.concat(chunks),
    trailers: Object.fromEntries(
      trailers.map(([name = '', value = '']) => [name.trim().toLowerCase(), value.trim()]),
    ),
  }
}
