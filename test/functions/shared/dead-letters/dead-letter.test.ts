import { describe, expect, it } from 'vitest'

import {
  contentOf,
  readDeadLetter,
  UnreadableLetterError,
} from '../../../../functions/shared/dead-letters/dead-letter.ts'
import { compactRecord } from '../../../support/compact-record.ts'
import { givenUpObject } from '../../../support/given-up.ts'

const line = {
  reason: 'bad-price',
  detail: 'price "-1" is negative',
  shard: 'shardId-000000000000',
  sequence: '4901',
  partitionKey: 'AAPL',
  arrivedAt: '2025-10-10T14:32:15.123Z',
}

describe('an object of the dead-letter bucket', () => {
  it('below rejected/ holds a record that a part refused, or ticks of it', () => {
    const body = [
      { ...line, index: 2, payload: '[1,-1,5]' },
      { ...line, index: 4, payload: '[2,-1,5]' },
    ]
    const key = 'rejected/tickstock-local-ticks/shardId-000000000000/4901.unreadable.ndjson'
    expect(readDeadLetter(key, body.map((each) => `${JSON.stringify(each)}\n`).join(''))).toEqual({
      key,
      kind: 'rejected',
      stream: 'tickstock-local-ticks',
      shard: 'shardId-000000000000',
      why: 'bad-price: price "-1" is negative',
      records: [
        { index: 2, tick: '[1,-1,5]' },
        { index: 4, tick: '[2,-1,5]' },
      ].map((tick) => ({
        partitionKey: 'AAPL',
        sequenceNumber: '4901',
        arrivedAt: line.arrivedAt,
        content: { type: 'tick', ...tick },
      })),
    })
  })

  it('may hold rejections of all records of a batch, each with what its record said', () => {
    const body = [
      { ...line, index: 2, payload: '[1,-1,5,7]', line: 'XNAS', contiguous: true, tape: 'C' },
      { ...line, sequence: '4903', partitionKey: 'MSFT', payload: 'no json' },
    ]
    const { records } = readDeadLetter(
      'rejected/tickstock-local-ticks/shardId-000000000000/4901-4903.2-0123456789abcdef.unreadable.ndjson',
      body.map((each) => `${JSON.stringify(each)}\n`).join(''),
    )
    expect(records).toMatchObject([
      {
        sequenceNumber: '4901',
        content: {
          type: 'tick',
          tick: '[1,-1,5,7]',
          sentWith: { line: 'XNAS', contiguous: true, tape: 'C' },
        },
      },
      { sequenceNumber: '4903', partitionKey: 'MSFT', content: { type: 'record' } },
    ])
  })

  it('keeps the bytes of a record that is no text', () => {
    const payloadBase64 = Buffer.from([0xff, 0x00]).toString('base64')
    const { records } = readDeadLetter(
      'rejected/s/h/1.unreadable.ndjson',
      JSON.stringify({ ...line, payloadBase64 }),
    )
    expect(records[0]?.content).toEqual({ type: 'record', data: Buffer.from([0xff, 0x00]) })
  })

  it('elsewhere holds a batch that the event source mapping gave up on', () => {
    const { key, body } = givenUpObject('tickstock-local-bars', [
      { sequenceNumber: '77', partitionKey: 'MSFT', data: Buffer.from('one'), arrivedAt: 1_760_106_735_000 },
      { sequenceNumber: '78', partitionKey: 'AAPL', data: Buffer.from('two'), arrivedAt: 1_760_106_736_000 },
    ])
    expect(readDeadLetter(key, body)).toMatchObject({
      kind: 'failed-batch',
      stream: 'tickstock-local-bars',
      shard: 'shardId-000000000000',
      why: 'RecordAgeExceeded: tickstock-local-bar-writer did not process it in 3 attempts',
      records: [
        { partitionKey: 'MSFT', sequenceNumber: '77', arrivedAt: '2025-10-10T14:32:15.000Z' },
        { partitionKey: 'AAPL', content: { type: 'record', data: Buffer.from('two') } },
      ],
    })
  })

  it('shows the JSON that a compact record stands for, and of a damaged one its bytes', () => {
    const compact = compactRecord('AAPL', 1_760_106_735, ['150.25'])
    const shownOf = (bytes: Buffer) => {
      const payloadBase64 = bytes.toString('base64')
      const body = JSON.stringify({ ...line, payloadBase64 })
      const [record] = readDeadLetter('rejected/s/h/1.unreadable.ndjson', body).records
      return record && contentOf(record)
    }
    expect(shownOf(compact)).toBe(
      '{"symbol":"AAPL","source":"feed","sequence":3,"ticks":[[1760106735,150.25,1]]}',
    )
    const damaged = compact.subarray(0, -1)
    expect(shownOf(damaged)).toBe(`base64 ${damaged.toString('base64')}`)
  })

  it.each([
    ['rejected/s/h/1.ndjson', 'no json'],
    ['rejected/s/h/1.ndjson', '{"reason":"bad-price"}'],
    ['aws/lambda/x', '{"payload":"{"}'],
    ['notes.txt', 'hello'],
  ])('%s with %j is named as neither', (key, body) => {
    expect(() => readDeadLetter(key, body)).toThrow(UnreadableLetterError)
    expect(() => readDeadLetter(key, body)).toThrow(`${key} is neither a rejection nor a failed batch`)
  })
})
