import { gzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { asNewTicks } from '../../../../functions/shared/dead-letters/as-new-tick.ts'
import type { LostRecord } from '../../../../functions/shared/dead-letters/dead-letter.ts'
import type { SentWith } from '../../../../functions/shared/dead-letters/rejection.ts'

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
