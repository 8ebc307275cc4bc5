import { describe, expect, it } from 'vitest'

import { acceptedTicks } from '../../../../bin/stage/verify/accepted-ticks.ts'
import type { StreamRun } from '../../../../bin/stage/verify/stream-ticks.ts'

const MINUTE = 1_760_106_720
const NONE = { latenessSeconds: 120, rejected: new Map(), applied: '99' }

/** A record of ticks at seconds of the minute. */
function runOf(sequenceNumber: string, seconds: readonly number[], source?: string): StreamRun {
  return {
    sequenceNumber,
    arrivedAt: MINUTE * 1000,
    producer: source === undefined ? undefined : { source, sequence: Number(sequenceNumber) },
    trades: seconds.map((second) => ({
      seconds: MINUTE + second,
      nanos: 0,
      priceInteger: 10,
      priceFraction: 0,
      volumeInteger: 1,
      volumeFraction: 0,
    })),
    places: seconds.map((_, index) => index),
  }
}

const secondsOf = (runs: readonly StreamRun[], options: Partial<typeof NONE> = {}) => {
  const { ticks, waiting } = acceptedTicks(runs, { ...NONE, ...options })
  return [ticks.map(({ seconds }) => seconds - MINUTE), waiting]
}

describe('the ticks that make a bar', () => {
  it('are not those that were refused, at their place between others that could not be read', () => {
    const run = { ...runOf('1', [0, 1, 2]), places: [0, 2, 3] }
    expect(secondsOf([run], { rejected: new Map([['1', new Set([2])]]) })).toEqual([[0, 2], 0])
  })

  it('are not those later than the allowed lateness', () => {
    expect(secondsOf([runOf('1', [0, 200, 79, 80])])).toEqual([[0, 200, 80], 0])
  })

  it('are not those of a put that was repeated', () => {
    const run = runOf('1', [0], 'feed')
    expect(secondsOf([run, { ...run, sequenceNumber: '2' }])).toEqual([[0], 0])
  })

  it('are not those behind the last record that was applied, which wait', () => {
    expect(secondsOf([runOf('9', [0]), runOf('10', [1, 2])], { applied: '9' })).toEqual([[0], 2])
  })

  it('count once where they were put back, when the note of their refusal is gone', () => {
    expect(secondsOf([runOf('1', [0, 5]), runOf('2', [0], 'redrive')])).toEqual([[5, 0], 0])
  })
})
