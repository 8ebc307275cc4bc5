import { describe, expect, it } from 'vitest'

import { asNewTick } from '../../../../bin/stage/dead-letters/as-new-tick.ts'
import type { LostRecord } from '../../../../bin/stage/dead-letters/dead-letter.ts'

function lost(content: string | { tick: string }): LostRecord {
  return {
    partitionKey: 'KEY',
    sequenceNumber: '1',
    arrivedAt: '',
    content:
      typeof content === 'string'
        ? { type: 'record', data: Buffer.from(content) }
        : { type: 'tick', tick: content.tick },
  }
}

const redriven = (content: string | { tick: string }) => {
  const { partitionKey, data } = asNewTick(lost(content), 7)
  return [partitionKey, Buffer.from(data).toString()]
}

describe('a lost record as a new one', () => {
  it('comes from the producer redrive, with no digit changed', () => {
    expect(
      redriven('{"symbol":"A","source":"feed","sequence":3,"ticks":[[1760106735.123456789,"150.250",0.10]]}'),
    ).toEqual([
      'A',
      '{"symbol":"A","source":"redrive","sequence":7,"ticks":[[1760106735.123456789,"150.250",0.10]]}',
    ])
    expect(redriven('{"symbol":"A","price":150.250,"volume":"1","timestamp":1760106735.5,"id":9}')).toEqual([
      'A',
      '{"symbol":"A","source":"redrive","sequence":7,"ticks":[["1760106735.5","150.250","1"]]}',
    ])
  })

  it('is one tick where the others of its batch were accepted', () => {
    expect(redriven({ tick: '[1,2.50,"3"]' })).toEqual([
      'KEY',
      '{"symbol":"KEY","source":"redrive","sequence":7,"ticks":[[1,2.50,"3"]]}',
    ])
  })

  it.each(['no json', '[1]', '{"symbol":"A"}', '{"symbol":"A","ticks":[]}'])(
    'stays %j where it is no tick',
    (text) => {
      expect(redriven(text)).toEqual(['KEY', text])
    },
  )
})
