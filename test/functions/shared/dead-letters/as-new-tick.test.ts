import { gzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { encodeRecord } from '../../../../feed/encode-record.ts'
import { asNewTicks } from '../../../../functions/shared/dead-letters/as-new-tick.ts'
import type { LostRecord } from '../../../../functions/shared/dead-letters/dead-letter.ts'
import type { SentWith } from '../../../../functions/shared/dead-letters/rejection.ts'
import { compactToJson } from '../../../../functions/shared/streams/compact-reader.ts'
import { compactRecord } from '../../../support/compact-record.ts'

type Content = string | Uint8Array | { readonly tick: string; readonly sentWith?: SentWith }

function lost(content: Content): LostRecord {
  const isWhole = typeof content === 'string' || content instanceof Uint8Array
  return {
    partitionKey: 'KEY',
    sequenceNumber: '1',
    arrivedAt: '',
    content: isWhole
      ? { type: 'record', data: Buffer.from(content) }
      : { type: 'tick', index: 0, ...content },
  }
}

const redriven = (content: Content) =>
  asNewTicks(lost(content), 7).map(({ partitionKey, data }) => [partitionKey, Buffer.from(data).toString()])

describe('a lost record as a new one', () => {
  it('comes from the producer redrive, with no digit changed', () => {
    expect(
      redriven('{"symbol":"A","source":"feed","sequence":3,"ticks":[[1760106735.123456789,"150.250",0.10]]}'),
    ).toEqual([
      ['A', '{"symbol":"A","source":"redrive","sequence":7,"ticks":[[1760106735.123456789,"150.250",0.10]]}'],
    ])
    expect(redriven('{"symbol":"A","price":150.250,"volume":"1","timestamp":1760106735.5}')).toEqual([
      [
        'A',
        '{"symbol":"A","source":"redrive","sequence":7,"timestamp":1760106735.5,"price":150.250,"volume":"1"}',
      ],
    ])
  })

  it('keeps all that it says: ids on their line, conditions, tape, type', () => {
    expect(redriven('{"symbol":"A","source":"feed","sequence":3,"ticks":[[1,2,3],[1,2,3,9]]}')).toEqual([
      ['A', '{"symbol":"A","source":"redrive","sequence":7,"line":"feed","ticks":[[1,2,3],[1,2,3,9]]}'],
    ])
    expect(redriven('{"symbol":"A","price":1,"volume":1,"timestamp":1,"id":9}')).toEqual([
      [
        'A',
        '{"symbol":"A","source":"redrive","sequence":7,"line":"","timestamp":1,"price":1,"volume":1,"id":9}',
      ],
    ])
    const rest = '"contiguous":true,"type":"cancel","id":9,"conditions":["@"],"tape":"C"}'
    expect(redriven(`{"symbol":"A","line":"XNAS","timestamp":1,${rest}`)).toEqual([
      ['A', `{"symbol":"A","source":"redrive","sequence":7,"line":"XNAS","timestamp":1,${rest}`],
    ])
  })

  it('stays compact where it was, with the same bytes of its trades', () => {
    const compact = compactRecord('A', 1_760_106_735, ['1', '-2', '3.5'])
    const [put, ...others] = asNewTicks(lost(compact), 7)
    expect(others).toEqual([])
    expect(put?.partitionKey).toBe('A')
    expect(compactToJson(put?.data ?? compact)).toBe(
      '{"symbol":"A","source":"redrive","sequence":7,"ticks":[[1760106735,1,1],[1760106735,-2,1],[1760106735,3.5,1]]}',
    )
    const trades = compact.subarray(-20, -4).toString('hex')
    expect(Buffer.from(put?.data ?? []).toString('hex')).toContain(trades)
  })

  it('keeps the line of the ids of a compact record, and of records in a packed one', () => {
    const ticks = [{ symbol: 'A', timestamp: '1760106735', price: '1', volume: '1', id: '7' }]
    const compact = encodeRecord({ symbol: 'A', source: 'feed', sequence: 3 }, ticks, {
      encoding: 'compact',
      jsonBytes: Infinity,
    })
    const expected =
      '{"symbol":"A","source":"redrive","sequence":7,"line":"feed","ticks":[[1760106735,1,1,7]]}'
    for (const content of [compact, gzipSync(compact)])
      expect(asNewTicks(lost(content), 7).map(({ data }) => compactToJson(data))).toEqual([expected])
  })

  it('keeps who took the liquidity, in a batch, in a record of one trade and in a compact one', () => {
    const batch = '"ticks":[[1,2,3,9,null,"buy"]]}'
    expect(redriven(`{"symbol":"A","source":"feed","sequence":3,${batch}`)).toEqual([
      ['A', `{"symbol":"A","source":"redrive","sequence":7,"line":"feed",${batch}`],
    ])
    const single = '"timestamp":1,"price":1,"volume":1,"side":"sell"}'
    expect(redriven(`{"symbol":"A",${single}`)).toEqual([
      ['A', `{"symbol":"A","source":"redrive","sequence":7,${single}`],
    ])
    const ticks = [{ symbol: 'A', timestamp: '1760106735', price: '1', volume: '1', side: 'buy' }] as const
    const compact = encodeRecord({ symbol: 'A', source: 'feed', sequence: 3 }, ticks, {
      encoding: 'compact',
      jsonBytes: Infinity,
    })
    expect(asNewTicks(lost(compact), 7).map(({ data }) => compactToJson(data))).toEqual([
      '{"symbol":"A","source":"redrive","sequence":7,"ticks":[[1760106735,1,1,null,null,"buy"]]}',
    ])
  })

  it('is what it was, byte by byte, where a compact record is damaged', () => {
    const damaged = compactRecord('A', 1_760_106_735, ['1']).subarray(0, -1)
    expect(asNewTicks(lost(damaged), 7)).toEqual([{ partitionKey: 'KEY', data: damaged }])
  })

  it('is one tick where the others of its batch were accepted', () => {
    expect(redriven({ tick: '[1,2.50,"3"]' })).toEqual([
      ['KEY', '{"symbol":"KEY","source":"redrive","sequence":7,"ticks":[[1,2.50,"3"]]}'],
    ])
    const sentWith = { line: 'XNAS', contiguous: true, tape: 'C' }
    expect(redriven({ tick: '[1,2,3,4,["@"]]', sentWith })).toEqual([
      [
        'KEY',
        '{"symbol":"KEY","source":"redrive","sequence":7,"line":"XNAS","contiguous":true,"tape":"C","ticks":[[1,2,3,4,["@"]]]}',
      ],
    ])
  })

  it('is several where it held several, each with a number of its own', () => {
    const packed = gzipSync(
      '{"symbol":"A","ticks":[[1,2,3]]}\n{"no":"tick"}\n{"symbol":"B","ticks":[[1,2,3]]}\n',
    )
    expect(redriven(packed)).toEqual([
      ['A', '{"symbol":"A","source":"redrive","sequence":7,"ticks":[[1,2,3]]}'],
      ['KEY', '{"no":"tick"}'],
      ['B', '{"symbol":"B","source":"redrive","sequence":9,"ticks":[[1,2,3]]}'],
    ])
  })

  it.each(['no json', '[1]', '{"symbol":"A"}', '{"symbol":"A","ticks":[]}'])(
    'stays %j where it is no tick',
    (text) => {
      expect(redriven(text)).toEqual([['KEY', text]])
    },
  )
})
