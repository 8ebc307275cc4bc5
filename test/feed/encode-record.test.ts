import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Batcher, type BatcherOptions, type SealedRecord } from '../../feed/batcher.ts'
import type { Encoding } from '../../feed/encode-record.ts'
import { MAX_KINESIS_RECORD_BYTES } from '../../feed/kinesis-port.ts'
import type { FeedTick } from '../../feed/tick.ts'
import { isCompact } from '../../functions/shared/streams/compact-record.ts'
import { tick } from './publisher-contract.ts'

const MAX_BYTES = 400

function recordsOf(
  ticks: readonly FeedTick[],
  encoding: Encoding,
  limits: Partial<BatcherOptions> = {},
): SealedRecord[] {
  const records: SealedRecord[] = []
  const options = {
    stream: 'ticks',
    source: 'replay',
    line: undefined,
    startSequence: 1,
    encoding,
    maxTicksPerRecord: 9,
    maxRecordBytes: MAX_BYTES,
    maxOpenTicks: 100_000,
    ...limits,
  }
  const batcher = new Batcher(options, (record) => records.push(record))
  for (const each of ticks) batcher.add(each, 0)
  batcher.sealAll()
  return records
}

const anyTick = fc
  .record(
    {
      symbol: fc.constantFrom('A', 'Zürich', ''),
      price: fc.constantFrom(
        '150.25',
        '0.000000000000000001',
        '999999999999999',
        'NaN',
        '1e-7',
        '-1',
        '\ud800',
      ),
      volume: fc.constantFrom('1', '100', '0.5', '-1'),
      id: fc.constantFrom('7', '9007199254740991', 'x'),
      conditions: fc.constantFrom('["@","I"]', 'no json'),
      tape: fc.constantFrom('A', '3', 'D'),
      side: fc.constantFrom('buy', 'sell'),
    },
    { requiredKeys: ['symbol', 'price', 'volume'] },
  )
  .map((given) => tick(given.symbol, given))

describe('the encoding', () => {
  it('changes neither where a record ends, as sides do not, nor that its bytes are counted exactly, within the limit', () => {
    fc.assert(
      fc.property(fc.array(anyTick, { minLength: 1, maxLength: 60 }), (ticks) => {
        const [json, compact] = [recordsOf(ticks, 'json'), recordsOf(ticks, 'compact')]
        const ends = (records: readonly SealedRecord[]) =>
          records.map(({ symbol, sequence, ticks: count }) => [symbol, sequence, count])
        expect(ends(compact)).toEqual(ends(json))
        for (const [index, record] of compact.entries()) {
          const { bytes, data, partitionKey } = record
          expect(bytes).toBe(data.length + Buffer.byteLength(partitionKey))
          expect(data.length).toBeLessThanOrEqual(json[index]?.data.length ?? 0)
        }
        const sideless = recordsOf(
          ticks.map(({ side: _side, ...rest }) => rest),
          'json',
        )
        expect(ends(sideless)).toEqual(ends(json))
        for (const { data, ticks: count } of sideless)
          if (count > 1) expect(data.length).toBeLessThanOrEqual(MAX_BYTES)
      }),
    )
  })

  it('puts no more in a record than Kinesis takes, sides too', () => {
    const sided = tick('A', { side: 'sell', price: '0.1' })
    const records = recordsOf(
      Array.from({ length: 40_000 }, () => sided),
      'json',
      {
        maxTicksPerRecord: 40_000,
        maxRecordBytes: 1_000_000,
      },
    )
    expect(records.reduce((sum, { ticks }) => sum + ticks, 0)).toBe(40_000)
    const sizes = records.map(({ bytes }) => bytes)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_KINESIS_RECORD_BYTES)
    expect(Math.max(...sizes)).toBeGreaterThan(1_000_000)
  })

  it('is JSON for a record with what is no number, and for its record alone', () => {
    const records = recordsOf(
      [...Array.from({ length: 9 }, () => tick('A')), tick('A', { price: 'NaN' }), tick('B')],
      'compact',
    )
    expect(records.map(({ data, ticks }) => [isCompact(data), ticks])).toEqual([
      [true, 9],
      [false, 1],
      [true, 1],
    ])
  })
})
