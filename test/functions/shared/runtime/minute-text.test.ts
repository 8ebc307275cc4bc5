import fc from 'fast-check'
import { expect, it } from 'vitest'

import { minuteText } from '../../../../functions/shared/runtime/minute-text.ts'

it('the start of a minute is written as a Date writes it, before 1970 as well', () => {
  fc.assert(
    fc.property(fc.integer({ min: -40_000_000, max: 200_000_000 }), (minute) => {
      expect(minuteText(minute * 60)).toBe(new Date(minute * 60_000).toISOString().replace('.000Z', 'Z'))
    }),
  )
})
