import { randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import type { Body } from '../../../../functions/api/http/etag.ts'
import { fitIntoLambda } from '../../../../functions/api/http/lambda-result.ts'

/** What Lambda takes as a function's result, in bytes. */
const LAMBDA_LIMIT = 6_291_556

const noise = (bytes: number): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(bytes))

/** As the function returns it. */
const resultOf = (body: Body): string =>
  typeof body === 'string' ? body : Buffer.from(body).toString('base64')

const BODIES: readonly (readonly [string, Body])[] = [
  ['text of quotes, each of which is escaped', '"'.repeat(3_130_000)],
  ['text of three bytes a character', '€'.repeat(2_090_000)],
  ['lines of a CSV', 'AAPL,150.25\n'.repeat(480_000)],
  ['bytes', noise(4_700_000)],
]

describe.each(BODIES)('%s', (_what, body) => {
  it('fits as it is, up to what Lambda takes', async () => {
    expect(await fitIntoLambda(body, 'gzip')).toEqual({ type: 'fits', compressed: undefined })
    expect(Buffer.byteLength(JSON.stringify({ body: resultOf(body) }))).toBeLessThan(LAMBDA_LIMIT)
  })

  it('does not fit twice, but for who takes gzip where that is small enough', async () => {
    const twice =
      typeof body === 'string' ? body + body : new Uint8Array(Buffer.concat([body, noise(4_700_000)]))
    for (const accepted of [undefined, 'br', 'gzip;q=0', 'identity, gzip; q=0.0']) {
      const fit = await fitIntoLambda(twice, accepted)
      expect(fit).toEqual({ type: 'too-large', share: expect.closeTo(0.5, 1) })
    }
    const fit = await fitIntoLambda(twice, 'br, gzip;q=0.5')
    if (typeof twice !== 'string') return expect(fit).toMatchObject({ type: 'too-large' })
    const { compressed = new Uint8Array() } = fit.type === 'fits' ? fit : {}
    expect(gunzipSync(compressed ?? '').toString()).toBe(twice)
  })
})
