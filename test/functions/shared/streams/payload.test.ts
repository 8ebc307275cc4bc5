import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { PayloadReader } from '../../../../functions/shared/streams/payload.ts'
import { kinesisRecord } from '../../../support/kinesis-event.ts'

/** Records whose data is that base64, right or not. */
const recordsOf = (data: readonly string[]) =>
  data.map((base64, sequence) => {
    const record = kinesisRecord({ data: '', partitionKey: 'A', sequence, arrivedAt: 0 })
    return { ...record, kinesis: { ...record.kinesis, data: base64 } }
  })

function decode(data: readonly string[]): string[] {
  const payload = new PayloadReader(recordsOf(data))
  return data.map(() => {
    payload.take()
    expect(payload.bytes.length).toBeGreaterThan(payload.end)
    return payload.bytes.toString('hex', payload.start, payload.end)
  })
}

const base64 = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.uint8Array({ maxLength: 90 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  },
  {
    weight: 2,
    arbitrary: fc
      .integer({ min: 30_000, max: 70_000 })
      .map((size) => Buffer.alloc(size, 'trade').toString('base64')),
  },
  // What Lambda does not send: no padding, spaces, padding in the middle, the other alphabet.
  { weight: 1, arbitrary: fc.constantFrom('QUI', 'QU JD', 'QQ==QUJD', 'QUJD\n', 'a_-_', '====', '=') },
)

describe('the payload reader', () => {
  it('decodes each record of a batch as Node decodes it alone', () => {
    fc.assert(
      fc.property(fc.array(base64, { maxLength: 40 }), (data) => {
        expect(decode(data)).toEqual(data.map((text) => Buffer.from(text, 'base64').toString('hex')))
      }),
      { numRuns: 500 },
    )
  })
})
