import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { IdRuns } from '../../../../bin/stage/quality/id-runs.ts'
import { readRejectedDays } from '../../../../bin/stage/quality/rejected-days.ts'

describe('ids of a contiguous line', () => {
  it('are missing where a set of them has holes, in whatever order and hours they come', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 9 }), (given, size) => {
        const runs = new IdRuns()
        for (let start = 0; start < given.length; start += size)
          runs.add(given.slice(start, start + size).map((id) => ({ id, at: id * 10 })))
        // Again: what comes twice fills nothing.
        runs.add(given.slice(0, size).map((id) => ({ id, at: id * 10 })))
        const sorted = given.toSorted((a, b) => a - b)
        const wanted = sorted.flatMap((id, index) => {
          const missing = id - (sorted[index - 1] ?? id - 1) - 1
          return missing > 0 ? [{ missing, at: id * 10 }] : []
        })
        expect(runs.holes()).toEqual(wanted)
      }),
    )
  })
})

describe('rejected trades', () => {
  const line = (partitionKey: string, reason: string, arrivedAt: string, more = {}) =>
    JSON.stringify({
      reason,
      detail: 'd',
      shard: 's',
      sequence: '1',
      partitionKey,
      arrivedAt,
      payload: '',
      ...more,
    })

  it('are counted by symbol, day of arrival and reason', async () => {
    const objects: Readonly<Record<string, string>> = {
      'rejected/ticks/s/1-2.3.ndjson': [
        line('A', 'too-late', '2025-11-10T23:59:59.000Z'),
        line('A', 'too-late', '2025-11-11T00:00:00.000Z'),
        line('A', 'bad-price', '2025-11-11T09:00:00.000Z', {
          payload: undefined,
          payloads: ['x', 'y'],
          indexes: [[4, 5]],
        }),
        line('B', 'bad-price', '2025-11-11T09:00:00.000Z'),
        line('A', 'too-late', '2025-11-12T00:00:00.000Z'),
      ].join('\n'),
      'rejected/bars/s/1-2.ndjson': line('A', 'refused', '2025-11-11T09:00:00.000Z'),
      'rejected/ticks/s/0-0.1.ndjson': line('A', 'too-late', '2025-11-11T09:00:00.000Z'),
    }
    const read: string[] = []
    const days = await readRejectedDays(
      {
        list: async () =>
          Object.keys(objects).map((key) => ({
            key,
            at: key.includes('/0-0') ? 0 : Date.parse('2025-11-11T10:00Z'),
          })),
        read: async (key) => {
          read.push(key)
          return objects[key]
        },
      },
      'ticks',
      { symbols: ['A'], from: Date.parse('2025-11-10') / 1000, to: Date.parse('2025-11-12') / 1000 },
    )
    expect(Object.fromEntries(days)).toEqual({
      '2025-11-10 A': { 'too-late': 1 },
      '2025-11-11 A': { 'too-late': 1, 'bad-price': 2 },
    })
    // What was written before cannot have arrived since.
    expect(read).toEqual(['rejected/ticks/s/1-2.3.ndjson'])
  })
})
