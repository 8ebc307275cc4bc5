import { describe, expect, it } from 'vitest'

import { type Batch, consume } from '../../../../functions/shared/streams/consume.ts'
import type { Payload } from '../../../../functions/shared/streams/payload.ts'
import { logReadFaults } from '../../../../functions/shared/streams/read-faults.ts'
import { RecordError } from '../../../../functions/shared/streams/records.ts'
import { kinesisRecord } from '../../../support/kinesis-event.ts'

type Item = { readonly symbol: string }

const recordsOf = (...texts: readonly string[]) =>
  texts.map((data, sequence) => kinesisRecord({ data, partitionKey: data, sequence, arrivedAt: 0 }))

/** An item for each word. */
function parse(payload: Payload): readonly Item[] {
  const text = payload.text()
  if (text === 'broken') throw new Error('a fault of the parser')
  if (text.startsWith('?')) throw new RecordError(`${text} is no symbol`)
  return text.split('+').map((symbol) => ({ symbol }))
}

async function run(records: ReturnType<typeof recordsOf>, failing: readonly string[] = []) {
  const batches: Batch<Item>[] = []
  const consumed = await consume(records, {
    parse,
    process: async (batch) => {
      batches.push(batch)
      return { failed: new Map(failing.map((symbol) => [symbol, new Error(`${symbol} failed`)])) }
    },
  })
  return { ...consumed, batches }
}

describe('consume', () => {
  it('passes what is readable on in order, and what is unreadable with its reason', async () => {
    const records = recordsOf('A', '?1', 'long enough to need its own bytes: Zürich €', 'B')
    const { batches, unreadable, response } = await run(records)
    expect(batches).toHaveLength(1)
    expect(batches[0]?.readable.map(({ record, item }) => [record, item.symbol])).toEqual([
      [records[0], 'A'],
      [records[2], 'long enough to need its own bytes: Zürich €'],
      [records[3], 'B'],
    ])
    expect(unreadable).toEqual([{ record: records[1], reason: '?1 is no symbol', fault: undefined }])
    expect(response).toEqual({ batchItemFailures: [] })
  })

  it('decodes records that are larger than its buffer, and small ones after them', async () => {
    const large = 'x'.repeat(100_000)
    const { batches } = await run(recordsOf(large, 'A'))
    expect(batches[0]?.readable.map(({ item }) => item.symbol)).toEqual([large, 'A'])
  })

  it('passes on the items of a record in their order, and answers with the record of one that failed', async () => {
    const records = recordsOf('A', 'B+C+A', 'C')
    const { batches, firstFailure } = await run(records, ['C'])
    expect(batches[0]?.readable.map(({ item }) => item.symbol)).toEqual(['A', 'B', 'C', 'A', 'C'])
    expect(firstFailure?.sequenceNumber).toBe(records[1]?.kinesis.sequenceNumber)
  })

  it('answers with the first record of a symbol that failed', async () => {
    const records = recordsOf('?1', 'A', 'C', 'B', 'C')
    const { firstFailure, response } = await run(records, ['B', 'C'])
    const sequenceNumber = records[2]?.kinesis.sequenceNumber
    expect(firstFailure).toEqual({ sequenceNumber, error: new Error('C failed') })
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceNumber }] })
  })

  it('goes on after a record that makes the parser fail, and keeps what it threw', async () => {
    const records = recordsOf('A', 'broken', 'B')
    const { batches, unreadable, response } = await run(records)
    expect(batches[0]?.readable.map(({ item }) => item.symbol)).toEqual(['A', 'B'])
    expect(unreadable).toMatchObject([
      {
        record: records[1],
        reason: expect.stringMatching(/^a fault of TickStock .* \(Error: a fault of the parser\); report it/),
        fault: new Error('a fault of the parser'),
      },
    ])
    expect(response).toEqual({ batchItemFailures: [] })
    const logged: unknown[] = []
    const error = (_message: string, details: unknown) => void logged.push(details)
    expect(logReadFaults(unreadable, { error })).toBe(1)
    expect(logged).toMatchObject([{ shard: 'shardId-000000000000', partitionKey: 'broken' }])
  })

  it('throws what process throws', async () => {
    const process = () => Promise.reject(new Error('the table is unavailable'))
    await expect(consume(recordsOf('A'), { parse, process })).rejects.toThrow('the table is unavailable')
  })
})
