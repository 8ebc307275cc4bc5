import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  type PutRecords,
  putInOrder,
  PutRetriesExhaustedError,
} from '../../../../functions/shared/streams/put-in-order.ts'

/** A stream that fails the entries that `fails` says, in order of their coming. */
function stream(fails: readonly boolean[]) {
  const taken = new Map<string, string[]>()
  const left = [...fails]
  const put: PutRecords = async (_stream, records) => {
    const Records = records.map(({ PartitionKey = '', Data }) => {
      if (left.shift() === true)
        return { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slow' }
      taken.set(PartitionKey, [...(taken.get(PartitionKey) ?? []), Buffer.from(Data ?? []).toString()])
      return { SequenceNumber: '1', ShardId: 'shardId-0' }
    })
    return { Records, FailedRecordCount: Records.filter((record) => 'ErrorCode' in record).length }
  }
  return { put, taken }
}

describe('records put in order', () => {
  it('arrive once and in order by key, whatever single entries fail', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('A', 'B', 'C'), fc.array(fc.string(), { minLength: 1, maxLength: 5 })),
        fc.array(fc.boolean(), { maxLength: 6 }),
        async (records, fails) => {
          const { put, taken } = stream(fails)
          const queues = new Map(Object.entries(records).map(([key, all]) => [key, [...all]]))
          await putInOrder(put, 'bars', queues, { backOff: async () => {} })
          expect(Object.fromEntries(taken)).toEqual({ ...records })
          expect(queues.size).toBe(0)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('end with the newest when some go ahead together, none is missing, and only those behind a failed one come twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('A', 'B'), fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 8 })),
        fc.array(fc.boolean(), { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        async (records, fails, ahead) => {
          const { put, taken } = stream(fails)
          const queues = new Map(Object.entries(records).map(([key, all]) => [key, [...all]]))
          await putInOrder(put, 'signals', queues, { ahead, backOff: async () => {} })
          for (const [key, all] of Object.entries(records)) {
            const found = taken.get(key) ?? []
            expect(found.filter((each, index) => found.lastIndexOf(each) === index)).toEqual(all)
            if (!fails.includes(true)) expect(found).toEqual(all)
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('go in puts of at most 500 records and 3.75 MB, each at least one record', async () => {
    const puts: { readonly records: number; readonly bytes: number }[] = []
    const { put, taken } = stream([])
    const counted: PutRecords = async (name, records) => {
      const bytes = records.reduce(
        (sum, { PartitionKey = '', Data }) => sum + PartitionKey.length + (Data?.length ?? 0),
        0,
      )
      puts.push({ records: records.length, bytes })
      return await put(name, records)
    }
    const small = Array.from({ length: 1200 }, (_, index) => [`key ${index}`, ['small']] as const)
    const large = Array.from(
      { length: 9 },
      (_, index) => [`large ${index}`, ['x'.repeat(1_000_000)]] as const,
    )
    const queues = new Map<string, string[]>([...small, ...large].map(([key, all]) => [key, [...all]]))
    await putInOrder(counted, 'bars', queues)
    expect(taken.size).toBe(1209)
    expect(Math.max(...puts.map(({ records }) => records))).toBe(500)
    expect(Math.max(...puts.map(({ bytes }) => bytes))).toBeLessThanOrEqual(3_750_000)
    expect(puts).toHaveLength(5)
  })

  it('are given up on, by name of the stream, when none is taken ten times in a row; what is left stays', async () => {
    const { put } = stream(Array.from({ length: 100 }, () => true))
    const queues = new Map([['A', ['1', '2']]])
    const failed = putInOrder(put, 'bars', queues, { backOff: async () => {} })
    await expect(failed).rejects.toThrow(PutRetriesExhaustedError)
    await expect(failed).rejects.toThrow(/stream bars failed .*ProvisionedThroughputExceededException slow/)
    expect(queues).toEqual(new Map([['A', ['1', '2']]]))
  })
})
