import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

import type { Body } from './etag.ts'

/** Bytes of a function's result that Lambda takes, less what status and headers may have. */
const MOST_BYTES = 6_291_556 - 16_384

/** Fast: the function has two thirds of a core. */
const LEVEL = 3

export type Fit =
  | { readonly type: 'fits'; readonly compressed: Uint8Array<ArrayBuffer> | undefined }
  /** `share` of it would fit, or a little more. */
  | { readonly type: 'too-large'; readonly share: number }

/**
 * Whether Lambda takes a body. API Gateway compresses what is smaller; what is not is compressed here, for who takes gzip.
 */
export async function fitIntoLambda(body: Body, acceptEncoding: string | undefined): Promise<Fit> {
  const plain = bytesOf(body)
  if (plain <= MOST_BYTES) return { type: 'fits', compressed: undefined }
  if (!takesGzip(acceptEncoding)) return { type: 'too-large', share: MOST_BYTES / plain }
  const compressed = new Uint8Array(await promisify(gzip)(body, { level: LEVEL }))
  const bytes = bytesOf(compressed)
  return bytes <= MOST_BYTES ? { type: 'fits', compressed } : { type: 'too-large', share: MOST_BYTES / bytes }
}

/** Bytes in the result, which a character takes at the most: three in UTF-8, two of what has to be escaped there. */
const MOST_OF_CHARACTER = 3

/** As it stands in the result: text as a string of JSON, bytes in base64. An upper bound will do for what fits anyway. */
function bytesOf(body: Body): number {
  if (typeof body !== 'string') return Math.ceil(body.length / 3) * 4
  const most = body.length * MOST_OF_CHARACTER
  return most <= MOST_BYTES ? most : Buffer.byteLength(JSON.stringify(body))
}

/** Whether gzip is named, and not with a quality of 0. */
function takesGzip(acceptEncoding = ''): boolean {
  return acceptEncoding.split(',').some((each) => {
    const [name = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase())
    const quality = parameters.find((part) => part.startsWith('q='))?.slice(2)
    return name === 'gzip' && (quality === undefined || Number(quality) > 0)
  })
}
