import { describe, expect, it } from 'vitest'

import { noTotals } from '../../../functions/minute-state/advance.ts'
import { createMinuteSweeps } from '../../../functions/sweeper/sweep-minute.ts'
import { createMinutePuts } from '../../../functions/synthetic-feed/put-minutes.ts'
import { VirtualClock } from '../../feed/virtual-clock.ts'
import { at as callAt, MINUTE_MS, RULES, timeOf } from './quiet-market.ts'

const START = 1_760_106_720_000

describe('the sweeps of a minute', () => {
  /** @param lateAt when the bar of LATE, which all sweeps but that of its symbol see, comes due; seconds */
  async function sweptAt(calls: readonly number[], lateAt = 3): Promise<string[]> {
    const clock = new VirtualClock(START)
    const at: string[] = []
    const run = createMinuteSweeps({
      rules: RULES,
      deliveryMs: 2000,
      ...timeOf(clock),
      sweep: async (symbols) => {
        at.push(`${(clock.now() - START) / 1000}${symbols === undefined ? '' : ` ${symbols.join()}`}`)
        const isWaiting = clock.now() < START + lateAt * 1000
        const waiting = new Map<string, number>(isWaiting ? [['LATE', START + lateAt * 1000]] : [])
        return { totals: noTotals(), waiting }
      },
    })
    for (const call of calls) callAt(clock, START + call * 1000, run)
    await clock.advance(3 * MINUTE_MS)
    return at
  }

  it('are those of the minute before, where the schedule fires as it ends', async () => {
    expect(await sweptAt([0.1])).toEqual(['2.5', '3 LATE', '4.5'])
  })

  it('are made at once, and after the end of the next minute, where it fires later than the last', async () => {
    expect(await sweptAt([20])).toEqual(['20', '62.5', '64.5'])
  })

  it('are followed by one of bars that come due later, for half a minute, where the aggregator is behind', async () => {
    expect(await sweptAt([0.1], 9)).toEqual(['2.5', '4.5', '9 LATE'])
    expect(await sweptAt([20], 26)).toEqual(['20', '26 LATE', '62.5', '64.5'])
    expect(await sweptAt([0.1], 31)).toEqual(['2.5', '4.5'])
  })

  it('are not made again by an instance that has made them', async () => {
    expect(await sweptAt([20, 80])).toEqual(['20', '62.5', '64.5', '122.5', '124.5'])
  })

  it('are those of both minutes, where it fires between the first and the last', async () => {
    expect(await sweptAt([3], 3.25)).toEqual(['3', '3.25 LATE', '4.5', '62.5', '64.5'])
  })

  it('go on after one that failed, and the call says so', async () => {
    const clock = new VirtualClock(START)
    let calls = 0
    const run = createMinuteSweeps({
      rules: RULES,
      deliveryMs: 2000,
      ...timeOf(clock),
      sweep: async () => {
        calls++
        if (calls === 1) throw new Error('throttled')
        return { totals: noTotals(), waiting: new Map() }
      },
    })
    const call = run().catch(String)
    await clock.advance(MINUTE_MS)
    expect(await call).toContain('1 sweeps of a minute failed')
    expect(calls).toBe(2)
  })
})

describe('the puts of the synthetic feed', () => {
  it('are made as a minute ends, whenever the schedule fires, and again by an instance that does not know of them', async () => {
    const clock = new VirtualClock(START)
    const puts: string[] = []
    const create = () =>
      createMinutePuts({
        put: async (end) => {
          puts.push(`${(end - START) / 1000} at ${(clock.now() - START) / 1000}`)
          return 1
        },
        until: timeOf(clock).until,
      })
    const run = create()
    callAt(clock, START + 20_000, () => run(START + 20_000))
    callAt(clock, START + 80_000, () => run(START + 80_000))
    callAt(clock, START + 140_000, () => create()(START + 140_000))
    await clock.advance(4 * MINUTE_MS)
    expect(puts).toEqual(['0 at 20', '60 at 60', '120 at 120', '120 at 140', '180 at 180'])
  })
})
