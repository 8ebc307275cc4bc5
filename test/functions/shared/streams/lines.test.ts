import type { KinesisStreamRecord } from 'aws-lambda'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseBatch } from '../../../../functions/shared/streams/consume.ts'
import { packLines, readLines } from '../../../../functions/shared/streams/lines.ts'
import { parseBarRecord } from '../../../../functions/shared/streams/records.ts'
import { kinesisRecord } from '../../../support/kinesis-event.ts'

const bar = {
  type: 'bar',
  symbol: 'A',
  timestamp: '2025-11-10T17:24:00Z',
  timeframe: '1Min',
  revision: 1,
  open: '1',
  high: '1',
  low: '1',
  close: '1',
  volume: '1',
  vwap: '1',
  trade_count: 1,
  closed_at: 0,
}
const text = (revision: number) => JSON.stringify({ ...bar, revision })

const dataOf = ({ kinesis }: KinesisStreamRecord) => Buffer.from(kinesis.data, 'base64').toString()

/** What a batch of records comes to. */
function read(...records: readonly string[]) {
  const { readable, unreadable } = parseBatch(
    records.map((data, sequence) => kinesisRecord({ data, partitionKey: 'A', sequence, arrivedAt: 0 })),
    (payload, _record, refuse) => readLines(payload, parseBarRecord, refuse),
  )
  return {
    revisions: readable.map(({ item }) => item.revision),
    unreadable: unreadable.map(({ record, reason }) => [records.indexOf(dataOf(record)), reason]),
  }
}

describe('several texts in a record', () => {
  it('are read in their order, whatever their number and length', () => {
    const texts = fc.array(fc.record({ a: fc.string({ maxLength: 20_000, unit: 'grapheme' }) }), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(texts, (given) => {
        const put = packLines(given.map((each) => JSON.stringify(each)))
        const { readable } = parseBatch(
          put.map((data, sequence) => kinesisRecord({ data, partitionKey: 'A', sequence, arrivedAt: 0 })),
          (payload, _record, refuse) => readLines(payload, (line): unknown => JSON.parse(line), refuse),
        )
        expect(readable.map(({ item }) => item)).toEqual(given)
      }),
    )
  })

  it('fill records that count as one put each', () => {
    const put = packLines(Array.from({ length: 500 }, (_, revision) => text(revision + 1)))
    for (const record of put) expect(Buffer.byteLength(record)).toBeLessThanOrEqual(25_000)
    for (const record of put.slice(0, -1)) expect(Buffer.byteLength(record)).toBeGreaterThan(24_000)
  })

  it('have a record of their own where one is larger', () => {
    const large = JSON.stringify({ a: 'x'.repeat(30_000) })
    expect(packLines(['{}', large, '{}'])).toEqual(['{}', large, '{}'])
  })

  it('leave no record where there are none', () => {
    expect(packLines([])).toEqual([])
  })
})

describe('a record with a text that cannot be read', () => {
  it('gives its other texts, and is told as unreadable', () => {
    const found = read(`${text(1)}\nnonsense\n${text(3)}`, text(4))
    expect(found.revisions).toEqual([1, 3, 4])
    expect(found.unreadable).toEqual([[0, expect.stringContaining('not JSON: nonsense')]])
  })

  it('is told once for each of them', () => {
    expect(read(`${text(1)}\n{}\n[]`).unreadable).toHaveLength(2)
  })
})

it('a text that stretches over lines is read as one, and empty lines are none', () => {
  expect(read(JSON.stringify({ ...bar, revision: 7 }, undefined, 2)).revisions).toEqual([7])
  expect(read(`${text(1)}\n\n${text(2)}\n`).revisions).toEqual([1, 2])
})
