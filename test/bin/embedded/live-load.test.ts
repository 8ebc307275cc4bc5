import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { liveLoad } from '../../../bin/embedded/live-load.ts'

it('a load is as many ticks of each symbol as asked for, whenever it starts', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
      (symbols, rate, seconds, now) => {
        const ticks = [...liveLoad({ symbols, rate, seconds }, now)]
        const counts = [...Map.groupBy(ticks, ({ symbol }) => symbol).values()].map(({ length }) => length)
        expect(counts).toEqual(Array.from({ length: symbols }, () => rate * seconds))
        const times = ticks.map(({ timestamp }) => Number(timestamp) * 1000)
        expect(Math.min(...times)).toBeGreaterThanOrEqual(now)
        expect(Math.max(...times)).toBeLessThan(now + (seconds + 1) * 1000)
      },
    ),
  )
})
