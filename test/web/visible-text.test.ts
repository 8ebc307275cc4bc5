import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { visibleText } from '../../web/src/values/visible-text.ts'

const character = fc.integer({ min: 0, max: 0x10_ff_ff }).map((code) => String.fromCodePoint(code))

describe('text from outside', () => {
  it('shows what could not be seen, or turns what stands beside it', () => {
    expect(visibleText('a\u202eb')).toBe('a\\u202eb')
    expect(visibleText('\u0000\u001b[31m\u200b')).toBe('\\u0000\\u001b[31m\\u200b')
    expect(visibleText('\u{e0041}')).toBe('\\u{e0041}')
    expect(visibleText('zwei\nZeilen\t日本 €')).toBe('zwei\nZeilen\t日本 €')
  })

  it('has no control character left', () => {
    fc.assert(
      fc.property(fc.string({ unit: character }), (text) => {
        expect(/[\p{Cc}\p{Cf}]/u.test(visibleText(text).replaceAll(/[\n\t]/g, ''))).toBe(false)
      }),
    )
  })
})
