import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { hourOf } from '../../../functions/archive/archive-key.ts'
import { archivedTrades } from '../../support/archived.ts'
import { MemoryBucket, rowAt } from './memory-bucket.ts'

describe('the compactor', () => {
  it('loses and doubles nothing, wherever it dies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(7199), { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 6 }),
        fc.array(fc.nat(12), { maxLength: 4 }),
        async (given, deaths) => {
          const bucket = new MemoryBucket()
          for (const [place, seconds] of given.entries())
            for (const ofHour of Map.groupBy(seconds.map(rowAt), ({ seconds: second }) =>
              hourOf(second),
            ).values())
              bucket.add(String(place), ofHour)
          const before = await bucket.rows()
          for (const death of deaths) {
            let calls = 0
            let isDead = false
            bucket.meet = () => {
              isDead ||= calls++ === death
              if (isDead) throw new Error('killed')
            }
            await bucket.compact().catch(() => undefined)
            bucket.meet = () => {}
            expect(await bucket.rows()).toEqual(before)
          }
          await bucket.compact()
          expect(await bucket.rows()).toEqual(before)
          const hours = new Set([...bucket.objects.keys()].map((key) => key.slice(0, key.lastIndexOf('/'))))
          expect(bucket.objects.size).toBe(hours.size)
          const rows = await Promise.all(
            [...bucket.objects.values()].map(({ bytes }) => archivedTrades(bytes)),
          )
          expect(rows.flat()).toHaveLength(before.size)
        },
      ),
      { numRuns: 25 },
    )
  })
})
