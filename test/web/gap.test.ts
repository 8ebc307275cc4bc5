import { describe, expect, it } from 'vitest'

import { durationText, repairNotice, repairRequests, waitBefore } from '../../web/src/market/gap.ts'

describe('a time without a connection', () => {
  it('is tried to be ended after longer and longer waits', () => {
    expect([0, 1, 2, 5, 50].map(waitBefore)).toEqual([1000, 2000, 4000, 30_000, 30_000])
  })

  it('is read over REST from before its start, for symbols by the hundred', () => {
    const symbols = Array.from({ length: 150 }, (_, index) => `S${index}`)
    const gap = { from: Date.parse('2025-11-10T14:30:00Z'), to: Date.parse('2025-11-10T14:31:00Z') }
    const requests = repairRequests(gap, [...symbols, 'S0'])
    expect(requests.map((one) => one.symbols.length)).toEqual([100, 50])
    // A correction that was missed may be of an older bar.
    expect(new Set(requests.map(({ start }) => start))).toEqual(new Set(['2025-11-10T14:20:00.000Z']))
    expect(repairRequests(gap, [])).toEqual([])
  })

  it('is told to the reader with what was read', () => {
    expect(repairNotice({ from: 0, to: 34_000 }, { added: 12, revised: 1 })).toBe(
      'The connection was lost for 34 s. Read over REST: 12 bars and 1 correction of the time in between.',
    )
  })

  it('is written as a duration', () => {
    const written = [950, 34_000, 300_000, 302_000, 11_400_000, 187_200_000].map(durationText)
    expect(written).toEqual(['950 ms', '34 s', '5 min', '5 min 2 s', '3 h 10 min', '2 d 4 h'])
  })
})
