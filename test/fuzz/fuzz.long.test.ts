import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { superlinear } from './growth.ts'
import { READERS, TARGETS } from './targets.ts'

describe('whatever it is given,', () => {
  it.each(TARGETS)('$name', { timeout: 300_000 }, async ({ property }) => {
    expect(fc.defaultReportMessage(await fc.check(property, { numRuns: 150 }))).toBeUndefined()
  })
})

const TICK = '{"symbol":"BRK.B","price":0.'
const END = '1,"volume":1,"timestamp":1760106735}'

/** Texts on which readers have been slow, or may be. */
const SLOW = [
  { before: TICK, piece: '0', after: END },
  { before: '', piece: '0', after: '1' },
  { before: '{"symbol":"BRK.B","price":"', piece: '9', after: '"}' },
  { before: '{"symbol":"BRK.B","ticks":[', piece: '[1760106735,0,1],', after: '[1760106735,1,1]]}' },
  { before: '{"symbol":"BRK.B","ticks":[', piece: '[1760106735,NaN,1],', after: '[1760106735,1,1]]}' },
  { before: '{"a":0', piece: '}\n{"a":0', after: '}' },
  { before: '', piece: '{"a":', after: '' },
  { before: '', piece: ' ', after: 'x' },
  { before: '"', piece: String.raw`\"`, after: '' },
  { before: '{"action":"ping"', piece: ',"a":1', after: '}' },
  { before: '{"type":"patterns","patterns":[1', piece: ',1', after: ']}' },
  { before: '', piece: 'ENOSPC', after: '\n' },
]

describe('the processor time', () => {
  it.each(Object.entries(READERS))(
    'to read %s grows as its length does',
    { timeout: 300_000 },
    (_name, read) => {
      for (const growing of SLOW) expect(superlinear(read, growing)).toBeUndefined()
    },
  )

  it('of a regular expression that begins again at each place does not', () => {
    const growing = { before: '0.', piece: '0', after: '1' }
    const read = (text: string) => /0+$/.test(text)
    // The first texts are interpreted, which takes longer.
    for (let times = 0; times < 20; times++) read(`${'0'.repeat(1000)}1`)
    // Long enough for its time to be beyond doubt at once.
    expect(superlinear(read, growing, 6144)).toMatch(/^6147 characters take /)
    expect(superlinear((text) => text.indexOf('1'), growing, 6144)).toBeUndefined()
  })
})
