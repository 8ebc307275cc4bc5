import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { bytesOfBase64 } from './base64.ts'

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

describe('bytes of base64', () => {
  it('are those that were written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64')
        expect(bytesOfBase64(text)).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('are none of any text that is not base64', () => {
    const near = fc.string({
      unit: fc.constantFrom('A', 'z', '9', '+', '/', '=', '=', '-', '_', ' ', '\n', '.', 'é', '\0'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ maxLength: 12 })), (text) => {
        // "A===" and "AB=C" are no whole quadruples of the alphabet.
        expect(bytesOfBase64(text) !== undefined).toBe(isBase64(text))
      }),
      { numRuns: 20_000 },
    )
  })
})
