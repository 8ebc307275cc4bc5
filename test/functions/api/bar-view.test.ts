import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { timeText } from '../../../functions/api/http/time-text.ts'

it('writes times as Date does, without the milliseconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: -2_208_988_800, max: 7_258_118_399 }), (seconds) => {
      expect(timeText(seconds)).toBe(new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'))
    }),
  )
})
